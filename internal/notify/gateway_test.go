package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
	"deskside/internal/nettest"
)

// secret is a password that every place has to escape.
const secret = `p&w"d+%/ö`

// letter is one with a text that every place has to escape, and in which
// nothing is a placeholder.
var letter = deskside.Letter{
	Invitation: "INV1", To: "+4915123456789", Receipts: "https://desk.example.org/receipts/INV1/MAC",
	Text: "Ada & Co. \"{password}\" 100%+1\r\nöffnen: https://desk.example.org/j/X?a=b;c",
}

// asked is a request as a gateway sees it.
type asked struct {
	Method, Path, User, Password, Authorization string
	Query, Form                                 url.Values
	JSON                                        any
}

// A peer answers requests as a test says, and remembers them.
type peer struct {
	*httptest.Server
	mu     sync.Mutex
	seen   []asked
	answer http.HandlerFunc
}

func newPeer(t *testing.T, answer http.HandlerFunc) *peer {
	t.Helper()
	p := &peer{answer: answer}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.remember(t, r)
		p.answer(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *peer) remember(t *testing.T, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	a := asked{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Form: url.Values{}}
	a.User, a.Password, _ = r.BasicAuth()
	if a.User == "" {
		a.Authorization = r.Header.Get("Authorization")
	}
	switch r.Header.Get("Content-Type") {
	case "application/json":
		if err := json.Unmarshal(body, &a.JSON); err != nil {
			t.Errorf("no JSON: %s", body)
		}
	case "application/x-www-form-urlencoded":
		if a.Form, err = url.ParseQuery(string(body)); err != nil {
			t.Error(err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, a)
}

// asks returns how often the peer was asked.
func (p *peer) asks() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen)
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func gatewayFor(t *testing.T, preset, address string) *Gateway {
	t.Helper()
	d, err := LoadDefinition(preset)
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGateway(d, GatewayConfig{URL: address, User: "AC1", Password: secret, From: "+15550001"})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A published is what a gateway's documentation says of its interface.
type published struct {
	request asked // for letter
	unicode asked // the same with an emoji, where it differs
	yes     string
	status  int
	posted  deskside.Posted
	no      map[string]deskside.InvitationState // answers that are none, "STATUS BODY"
}

var interfaces = map[string]published{
	"twilio": {
		request: asked{Method: "POST", Path: "/2010-04-01/Accounts/AC1/Messages.json", User: "AC1", Password: secret,
			Form: url.Values{"To": {letter.To}, "From": {"+15550001"}, "Body": {letter.Text}, "StatusCallback": {letter.Receipts}}},
		status: 201, yes: `{"sid":"SM123","status":"queued","error_code":null}`, posted: deskside.Posted{Reference: "SM123"},
		no: map[string]deskside.InvitationState{`400 {"code":21211,"message":"The 'To' number is not valid","status":400}`: "refused", `401 {"message":"Authenticate"}`: "refused"},
	},
	"twilio-service": {
		request: asked{Method: "POST", Path: "/2010-04-01/Accounts/AC1/Messages.json", User: "AC1", Password: secret,
			Form: url.Values{"To": {letter.To}, "MessagingServiceSid": {"+15550001"}, "Body": {letter.Text}, "StatusCallback": {letter.Receipts}}},
		status: 201, yes: `{"sid":"SM123"}`, posted: deskside.Posted{Reference: "SM123"},
	},
	"vonage": {
		request: asked{Method: "POST", Path: "/sms/json", Form: url.Values{"api_key": {"AC1"}, "api_secret": {secret}, "to": {"4915123456789"},
			"from": {"+15550001"}, "text": {letter.Text}, "callback": {letter.Receipts}}},
		unicode: asked{Form: url.Values{"type": {"unicode"}}},
		status:  200, yes: `{"message-count":"1","messages":[{"to":"4915123456789","message-id":"0A1","status":"0"}]}`, posted: deskside.Posted{Reference: "0A1"},
		no: map[string]deskside.InvitationState{
			`200 {"message-count":"1","messages":[{"status":"9","error-text":"Partner quota exceeded"}]}`:   "refused",
			`200 {"message-count":"1","messages":[{"status":"1","error-text":"Throughput Rate Exceeded"}]}`: "queued",
			`200 {"messages":[]}`: "uncertain",
		},
	},
	"plivo": {
		request: asked{Method: "POST", Path: "/v1/Account/AC1/Message/", User: "AC1", Password: secret,
			JSON: map[string]any{"src": "+15550001", "dst": "4915123456789", "text": letter.Text, "url": letter.Receipts, "method": "POST"}},
		status: 202, yes: `{"message":"message(s) queued","message_uuid":["db3c"],"api_id":"97"}`, posted: deskside.Posted{Reference: "db3c"},
		no: map[string]deskside.InvitationState{`400 {"api_id":"9","error":"dst is not valid"}`: "refused"},
	},
	"bird": {
		request: asked{Method: "POST", Path: "/messages", Authorization: "AccessKey " + secret, JSON: map[string]any{
			"receiver": map[string]any{"contacts": []any{map[string]any{"identifierKey": "phonenumber", "identifierValue": letter.To}}},
			"body":     map[string]any{"type": "text", "text": map[string]any{"text": letter.Text}}, "reference": "INV1"}},
		status: 202, yes: `{"id":"b1","status":"accepted"}`, posted: deskside.Posted{Reference: "b1", PollAfter: 5 * time.Second},
		no: map[string]deskside.InvitationState{`422 {"code":"InvalidPayload","message":"no such channel"}`: "refused"},
	},
	"smsgate": {
		request: asked{Method: "POST", Path: "/messages", User: "AC1", Password: secret, JSON: map[string]any{
			"id": "INV1", "textMessage": map[string]any{"text": letter.Text}, "phoneNumbers": []any{letter.To}, "withDeliveryReport": true}},
		status: 202, yes: `{"id":"INV1","state":"Pending","recipients":[]}`, posted: deskside.Posted{Reference: "INV1", PollAfter: 5 * time.Second},
		no: map[string]deskside.InvitationState{`400 {"message":"failed to use phone in row 1"}`: "refused"},
	},
	"smsgate-local": {
		request: asked{Method: "POST", Path: "/message", User: "AC1", Password: secret, JSON: map[string]any{
			"id": "INV1", "textMessage": map[string]any{"text": letter.Text}, "phoneNumbers": []any{letter.To}, "withDeliveryReport": true}},
		status: 202, yes: `{"id":"INV1","state":"Pending"}`, posted: deskside.Posted{Reference: "INV1", PollAfter: 5 * time.Second},
	},
	"playsms": {
		request: asked{Method: "GET", Path: "/index.php", Query: url.Values{"app": {"ws"}, "op": {"pv"}, "u": {"AC1"}, "h": {secret},
			"to": {letter.To}, "from": {"+15550001"}, "msg": {letter.Text}}},
		unicode: asked{Query: url.Values{"unicode": {"1"}}},
		status:  200, yes: `{"data":[{"status":"OK","error":"0","smslog_id":"81","queue":"ab","to":"+4915123456789"}],"error_string":null}`,
		posted: deskside.Posted{Reference: "81", PollAfter: 5 * time.Second},
		no:     map[string]deskside.InvitationState{`200 {"status":"ERR","error":"100","error_string":"authentication failed"}`: "refused", `200 {"error_string":null}`: "uncertain", `200 {"data":[{"status":"ERR","error":"200"}]}`: "refused"},
	},
	"kannel": {
		request: asked{Method: "GET", Path: "/cgi-bin/sendsms", Query: url.Values{"username": {"AC1"}, "password": {secret}, "from": {"+15550001"},
			"to": {letter.To}, "text": {letter.Text}, "charset": {"UTF-8"}, "dlr-mask": {"19"}, "dlr-url": {letter.Receipts + "?state=%d"}}},
		unicode: asked{Query: url.Values{"coding": {"2"}}},
		status:  202, yes: "0: Accepted for delivery",
		no: map[string]deskside.InvitationState{"403 Authorization failed for sendsms": "refused", "503 Temporal failure, try again later.": "queued"},
	},
}

// TestPresets holds what each preset sends against the published form.
func TestPresets(t *testing.T) {
	if len(interfaces) != len(Presets()) {
		t.Errorf("%d interfaces for %d presets", len(interfaces), len(Presets()))
	}
	for name, want := range interfaces {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, says(want.status, want.yes))
			posted, err := gatewayFor(t, name, p.URL).Send(t.Context(), letter)
			if err != nil || posted != want.posted {
				t.Errorf("posted %+v, %v", posted, err)
			}
			for _, values := range []*url.Values{&want.request.Query, &want.request.Form} {
				if *values == nil {
					*values = url.Values{}
				}
			}
			if diff := cmp.Diff([]asked{want.request}, p.seen); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for answer, state := range want.no {
				var status int
				var body string
				fmt.Sscanf(answer, "%d", &status)
				body = answer[4:]
				p.answer = says(status, body)
				wantState(t, answer, send(t, gatewayFor(t, name, p.URL), letter), state)
			}
		})
	}
}

func TestUnicodeIsTold(t *testing.T) {
	emoji := letter
	emoji.Text = "Öffnen 😀 {link}"
	for name, want := range interfaces {
		p := newPeer(t, says(want.status, want.yes))
		if _, err := gatewayFor(t, name, p.URL).Send(t.Context(), emoji); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for field, values := range want.unicode.Query {
			if diff := cmp.Diff(values, p.seen[0].Query[field]); diff != "" {
				t.Errorf("%s %s: %s", name, field, diff)
			}
		}
		for field, values := range want.unicode.Form {
			if diff := cmp.Diff(values, p.seen[0].Form[field]); diff != "" {
				t.Errorf("%s %s: %s", name, field, diff)
			}
		}
	}
}

func TestNoCallbackWithoutAnAddress(t *testing.T) {
	quiet := letter
	quiet.Receipts = ""
	for name, want := range interfaces {
		p := newPeer(t, says(want.status, want.yes))
		if _, err := gatewayFor(t, name, p.URL).Send(t.Context(), quiet); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		a := p.seen[0]
		fields, _ := a.JSON.(map[string]any)
		if a.Form.Has("StatusCallback") || a.Form.Has("callback") || a.Query.Has("dlr-url") || fields["url"] != nil {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func send(t *testing.T, g *Gateway, l deskside.Letter) error {
	t.Helper()
	_, err := g.Send(t.Context(), l)
	return err
}

func wantState(t *testing.T, what string, err error, want deskside.InvitationState) *deskside.SendError {
	t.Helper()
	var e *deskside.SendError
	if !errors.As(err, &e) || e.State != want {
		t.Errorf("%s: %v, want %s", what, err, want)
		return &deskside.SendError{}
	}
	return e
}

// TestWhatAFailureMeans: only what certainly was not taken may be sent again.
func TestWhatAFailureMeans(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		want   deskside.InvitationState
	}{
		{"forbidden", says(403, "no"), "refused"},
		{"moved", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, "refused"},
		{"too many", says(429, "slow down"), "queued"},
		{"unavailable", says(503, "later"), "queued"},
		{"internal error", says(500, "oops"), "uncertain"},
		{"bad gateway", says(502, "proxy"), "uncertain"},
		{"gateway time-out", says(504, "proxy"), "uncertain"},
		{"another success", says(200, "maintenance page"), "uncertain"},
		{"a yes without the message's name", says(201, "<h1>Welcome</h1>"), "uncertain"},
		{"an answer without end", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusCreated)
			for {
				if _, err := w.Write(bytes.Repeat([]byte(" "), 4096)); err != nil {
					return // the other had enough
				}
			}
		}, "uncertain"},
		{"cut off after the request", cut, "uncertain"},
		{"cut off in the answer", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(http.StatusCreated)
			io.WriteString(w, `{"sid":`)
		}, "uncertain"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, test.answer)
			wantState(t, test.name, send(t, gatewayFor(t, "twilio", p.URL), letter), test.want)
			if n := p.asks(); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

// TestGetIsNotRepeated: net/http repeats a GET by itself when a connection
// that it kept turns out to be dead.
func TestGetIsNotRepeated(t *testing.T) {
	p := newPeer(t, says(202, "0: Accepted for delivery"))
	g := gatewayFor(t, "kannel", p.URL)
	if err := send(t, g, letter); err != nil {
		t.Fatal(err)
	}
	p.answer = cut
	wantState(t, "cut off", send(t, g, letter), "uncertain")
	if n := p.asks(); n != 2 {
		t.Errorf("asked %d times for two letters", n)
	}
}

func TestNobodyListens(t *testing.T) {
	e := wantState(t, "no connection", send(t, gatewayFor(t, "twilio", "http://"+nettest.FreeAddr(t)), letter), "queued")
	if e.Why != deskside.WhyUnreachable {
		t.Errorf("why: %s", e.Why)
	}
	plain := newPeer(t, says(201, "{}"))
	wantState(t, "no TLS there", send(t, gatewayFor(t, "twilio", "https"+strings.TrimPrefix(plain.URL, "http")), letter), "queued")
}

func TestSlowGateway(t *testing.T) {
	release := make(chan struct{})
	p := newPeer(t, func(w http.ResponseWriter, r *http.Request) { <-release })
	defer close(release)
	g := gatewayFor(t, "twilio", p.URL)
	g.client.Timeout = 100 * time.Millisecond
	wantState(t, "no answer in time", send(t, g, letter), "uncertain")
}

func TestRetryAfterIsHeeded(t *testing.T) {
	p := newPeer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "90")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	if e := wantState(t, "429", send(t, gatewayFor(t, "twilio", p.URL), letter), "queued"); e.After != 90*time.Second || e.Why != deskside.WhyBusy {
		t.Errorf("%+v", e)
	}
}

func TestReceipts(t *testing.T) {
	for _, test := range []struct {
		preset, query, body string
		want                deskside.Delivery
	}{
		{"twilio", "MessageSid=SM1&MessageStatus=delivered", "", deskside.Delivery{State: "delivered"}},
		{"twilio", "MessageStatus=undelivered&ErrorCode=30003", "", deskside.Delivery{State: "refused", Detail: "undelivered 30003"}},
		{"twilio", "MessageStatus=queued", "", deskside.Delivery{}},
		{"vonage", "", `{"message-id":"0A1","status":"delivered"}`, deskside.Delivery{State: "delivered"}},
		{"vonage", "status=failed&err-code=6", "", deskside.Delivery{State: "refused", Detail: "failed 6"}},
		{"plivo", "Status=delivered&MessageUUID=db", "", deskside.Delivery{State: "delivered"}},
		{"kannel", "state=1", "", deskside.Delivery{State: "delivered"}},
		{"kannel", "state=16", "", deskside.Delivery{State: "refused", Detail: "16"}},
	} {
		query, err := url.ParseQuery(test.query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := gatewayFor(t, test.preset, "http://127.0.0.1").Receipt(query, []byte(test.body))
		if err != nil || got != test.want {
			t.Errorf("%s %s%s: %+v, %v", test.preset, test.query, test.body, got, err)
		}
	}
	for _, preset := range []string{"twilio", "bird"} {
		if _, err := gatewayFor(t, preset, "http://127.0.0.1").Receipt(url.Values{}, []byte("x")); err == nil {
			t.Errorf("%s: an empty receipt means something", preset)
		}
	}
}

func TestPolls(t *testing.T) {
	for _, test := range []struct {
		preset, answer string
		want           deskside.Delivery
	}{
		{"bird", `{"id":"b1","status":"delivered"}`, deskside.Delivery{State: "delivered"}},
		{"bird", `{"id":"b1","status":"delivery_failed","reason":"unknown subscriber"}`, deskside.Delivery{State: "refused", Detail: "unknown subscriber"}},
		{"bird", `{"id":"b1","status":"processing"}`, deskside.Delivery{}},
		{"smsgate", `{"id":"b1","state":"Delivered"}`, deskside.Delivery{State: "delivered"}},
		{"smsgate", `{"id":"b1","state":"Failed","recipients":[{"state":"Failed","error":"no signal"}]}`, deskside.Delivery{State: "refused", Detail: "no signal"}},
		{"playsms", `{"data":[{"smslog_id":"b1","status":3}]}`, deskside.Delivery{State: "delivered"}},
		{"playsms", `not there`, deskside.Delivery{}},
	} {
		p := newPeer(t, says(200, test.answer))
		got, err := gatewayFor(t, test.preset, p.URL).State(t.Context(), "b1")
		if err != nil || got != test.want {
			t.Errorf("%s %s: %+v, %v", test.preset, test.answer, got, err)
		}
		if a := p.seen[0]; !strings.HasSuffix(a.Path, "/b1") && a.Query.Get("smslog_id") != "b1" {
			t.Errorf("%s asked for %+v", test.preset, a)
		}
	}
}

// TestDuplicateIsAYes: a gateway that recognises the invitation has it already.
func TestDuplicateIsAYes(t *testing.T) {
	p := newPeer(t, says(409, `{"message":"Message with the same ID already exists"}`))
	g := gatewayFor(t, "smsgate", p.URL)
	if posted, err := g.Send(t.Context(), letter); err != nil || posted.Reference != string(letter.Invitation) {
		t.Errorf("%+v, %v", posted, err)
	}
	wantState(t, "another gateway", send(t, gatewayFor(t, "smsgate-local", p.URL), letter), "refused")
}
