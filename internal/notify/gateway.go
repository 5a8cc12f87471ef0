package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"deskside"
)

// GatewayConfig is what an operator sets of a gateway.
type GatewayConfig struct {
	URL      string // empty for the definition's own
	User     string
	Password string
	From     string
	Trace    io.Writer         // gets every exchange, without secrets; may be nil
	Client   http.RoundTripper // for tests
}

// A Gateway sends text messages by HTTP as its definition says. It implements
// desk.Sender.
type Gateway struct {
	definition Definition
	config     GatewayConfig
	client     *http.Client
}

// NewGateway checks that everything is set that the gateway needs.
func NewGateway(d Definition, c GatewayConfig) (*Gateway, error) {
	if c.URL == "" {
		c.URL = d.URL
	}
	c.URL = strings.TrimSuffix(c.URL, "/")
	have := map[string]string{"url": c.URL, "user": c.User, "password": c.Password, "from": c.From}
	for _, name := range d.Needs {
		if have[name] == "" {
			return nil, fmt.Errorf("%s needs sms-%s", d.Name, name)
		}
	}
	if u, err := url.Parse(c.URL); c.URL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return nil, errors.New("sms-url is no web address that begins with http:// or https://") // it may hold a password
	}
	transport := c.Client
	if transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.DisableKeepAlives = true // on a connection that was used before, net/http itself repeats a GET
		t.TLSHandshakeTimeout, t.ResponseHeaderTimeout = timeout, timeout
		transport = t
	}
	if c.Trace != nil {
		transport = &tracer{next: transport, out: c.Trace, secrets: secretsOf(c)}
	}
	client := &http.Client{
		Transport: transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Gateway{definition: d, config: c, client: client}, nil
}

// Idempotent implements desk.Sender.
func (g *Gateway) Idempotent() bool { return g.definition.Idempotent }

// values are what placeholders stand for.
type values map[string]string

func (g *Gateway) values() values {
	return values{"url": g.config.URL, "user": g.config.User, "password": g.config.Password, "from": g.config.From}
}

// Send implements desk.Sender.
func (g *Gateway) Send(ctx context.Context, l deskside.Letter) (deskside.Posted, error) {
	v := g.values()
	v["to"], v["text"], v["id"], v["callback"] = l.To, l.Text, string(l.Invitation), l.Receipts
	if g.definition.Number == "digits" {
		v["to"] = strings.TrimPrefix(l.To, "+")
	}
	request := g.definition.Send
	if !deskside.IsGSM7(l.Text) {
		request = request.with(g.definition.Unicode)
	}
	answer, err := g.call(ctx, request, v)
	if err != nil {
		return deskside.Posted{}, err
	}
	if err := g.understand(answer, l); err != nil {
		return deskside.Posted{}, err
	}
	posted := deskside.Posted{Reference: answer.text(g.definition.ID)}
	if slices.Contains(g.definition.Duplicate, answer.status) {
		posted.Reference = string(l.Invitation)
	}
	if p := g.definition.Poll; p != nil && posted.Reference != "" {
		posted.PollAfter = time.Duration(p.After) * time.Second
	}
	return posted, nil
}

// understand returns nil where the answer is a yes, else what it means.
func (g *Gateway) understand(a *answer, l deskside.Letter) error {
	accepted := g.definition.Accepted
	detail := hide(g.detail(a), append(secretsOf(g.config), l.Text)...)
	switch {
	case slices.Contains(g.definition.Duplicate, a.status):
		return nil
	case a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable:
		return busy(detail, retryAfter(a.header))
	case a.status == http.StatusRequestTimeout || a.status >= 500:
		return uncertain(detail)
	case !slices.Contains(accepted.Status, a.status):
		return a.no(detail)
	case len(accepted.Begins) > 0:
		return accepted.text(a, detail)
	case accepted.Field == "" && g.definition.ID != "" && a.text(g.definition.ID) == "":
		return uncertain(detail) // whoever said so, it was not this gateway
	case accepted.Field == "":
		return nil
	}
	word, ok := a.at(accepted.Field)
	switch {
	case !ok && a.text(g.definition.Error) != "":
		return refused(detail) // some say so in another form than a yes
	case !ok:
		return uncertain(detail)
	case slices.Contains(accepted.Values, word):
		return nil
	case slices.Contains(accepted.Later, word):
		return busy(detail, 0)
	}
	return refused(detail)
}

// text says what an answer without JSON means.
func (ac Accepted) text(a *answer, detail string) error {
	begins := func(with string) bool { return strings.HasPrefix(string(a.body), with) }
	switch {
	case slices.ContainsFunc(ac.Begins, begins):
		return nil
	case slices.ContainsFunc(ac.No, begins):
		return refused(detail)
	}
	return uncertain(detail)
}

// no says what a status means that is no yes: a success of another kind than
// the interface has tells nothing.
func (a *answer) no(detail string) error {
	if a.status < 300 {
		return uncertain(detail)
	}
	return refused(detail)
}

// detail is what the gateway says in words.
func (g *Gateway) detail(a *answer) string {
	if words := a.text(g.definition.Error); words != "" {
		return words
	}
	if g.definition.Error == "" && a.json == nil {
		return strings.TrimSpace(string(a.body))
	}
	return fmt.Sprintf("Status %d.", a.status)
}

// State implements desk.Sender.
func (g *Gateway) State(ctx context.Context, reference string) (deskside.Delivery, error) {
	p := g.definition.Poll
	if p == nil {
		return deskside.Delivery{}, errors.New("this gateway can't be asked")
	}
	v := g.values()
	v["reference"] = reference
	a, err := g.call(ctx, p.Request, v)
	if err != nil {
		return deskside.Delivery{}, err
	}
	if a.status != http.StatusOK {
		return deskside.Delivery{}, fmt.Errorf("status %d", a.status)
	}
	return deskside.Delivery{State: p.States[a.text(p.State)], Detail: hide(a.text(p.Error), secretsOf(g.config)...)}, nil
}

// Receipt implements desk.Sender.
func (g *Gateway) Receipt(v url.Values, body []byte) (deskside.Delivery, error) {
	r := g.definition.Receipt
	if r == nil {
		return deskside.Delivery{}, errors.New("this gateway reports nothing")
	}
	a := newAnswer(http.StatusOK, nil, body)
	read := func(field string) string {
		if field == "" {
			return ""
		}
		if v.Has(field) {
			return v.Get(field)
		}
		return a.text(field)
	}
	word := read(r.State)
	if word == "" {
		return deskside.Delivery{}, fmt.Errorf("there is no field %q", r.State)
	}
	delivery := deskside.Delivery{State: r.States[word]}
	if delivery.State == deskside.InvitationRefused {
		delivery.Detail = hide(strings.TrimSpace(word+" "+read(r.Error)), secretsOf(g.config)...)
	}
	return delivery, nil
}

// call makes one exchange. Its error is a SendError: nothing was sent, or
// nobody knows.
func (g *Gateway) call(ctx context.Context, r Request, v values) (*answer, error) {
	connected := false
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }})
	request, err := r.build(ctx, v)
	if err != nil {
		return nil, refused("The definition of the gateway leads to no request.")
	}
	resp, err := g.client.Do(request)
	if err != nil && !connected {
		return nil, unreachable()
	}
	if err != nil {
		return nil, uncertain("")
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, uncertain("")
	}
	return newAnswer(resp.StatusCode, resp.Header, body), nil
}

// with returns the request with more fields, wherever its others are.
func (r Request) with(more map[string]any) Request {
	text := make(map[string]string, len(more))
	for name, value := range more {
		text[name] = fmt.Sprint(value)
	}
	switch {
	case r.JSON != nil:
		if fields, ok := r.JSON.(map[string]any); ok {
			merged := maps.Clone(fields)
			maps.Copy(merged, more)
			r.JSON = merged
		}
	case r.Form != nil:
		r.Form = maps.Clone(r.Form)
		maps.Copy(r.Form, text)
	default:
		r.Query = maps.Clone(r.Query)
		maps.Copy(r.Query, text)
	}
	return r
}

// build fills the request in.
func (r Request) build(ctx context.Context, v values) (*http.Request, error) {
	address := placeholder.ReplaceAllStringFunc(r.URL, func(name string) string {
		if name == "{url}" {
			return v["url"]
		}
		return url.PathEscape(v[name[1:len(name)-1]])
	})
	if query := v.fields(r.Query); len(query) > 0 {
		address += "?" + query.Encode()
	}
	body, kind, err := r.body(v)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, address, body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	request.Header.Set("Accept", "application/json, text/plain;q=0.5, */*;q=0.1")
	request.Header.Set("User-Agent", "Deskside")
	for name, value := range r.Headers {
		filled, _ := v.fill(value)
		request.Header.Set(name, strings.Map(printable, filled))
	}
	if r.Basic {
		request.SetBasicAuth(v["user"], v["password"])
	}
	return request, nil
}

func (r Request) body(v values) (io.Reader, string, error) {
	switch {
	case r.JSON != nil:
		filled, _ := v.tree(r.JSON)
		content, err := json.Marshal(filled)
		return bytes.NewReader(content), "application/json", err
	case r.Form != nil:
		return strings.NewReader(v.fields(r.Form).Encode()), "application/x-www-form-urlencoded", nil
	}
	return nil, "", nil
}

func printable(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}

// fill replaces the placeholders of a text, once: what stands in a value is
// never a placeholder. whole is false where one of them is empty.
func (v values) fill(text string) (filled string, whole bool) {
	whole = true
	filled = placeholder.ReplaceAllStringFunc(text, func(name string) string {
		value := v[name[1:len(name)-1]]
		whole = whole && value != ""
		return value
	})
	return filled, whole
}

// fields fills form fields in, and leaves out those that name nothing.
func (v values) fields(named map[string]string) url.Values {
	all := make(url.Values)
	for name, text := range named {
		if value, whole := v.fill(text); whole {
			all.Set(name, value)
		}
	}
	return all
}

// tree fills the texts of a JSON value in, and leaves out fields that name
// nothing.
func (v values) tree(node any) (filled any, whole bool) {
	switch node := node.(type) {
	case string:
		return v.fill(node)
	case []any:
		list := make([]any, 0, len(node))
		for _, item := range node {
			if value, whole := v.tree(item); whole {
				list = append(list, value)
			}
		}
		return list, true
	case map[string]any:
		fields := make(map[string]any, len(node))
		for name, item := range node {
			if value, whole := v.tree(item); whole {
				fields[name] = value
			}
		}
		return fields, true
	}
	return node, true
}
