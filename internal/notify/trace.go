package notify

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
)

// secretsOf returns the gateway's secrets in every form in which a request
// holds them, the longest first.
func secretsOf(c GatewayConfig) []string {
	if c.Password == "" {
		return nil
	}
	quoted, _ := json.Marshal(c.Password) // a string never fails
	all := []string{
		base64.StdEncoding.EncodeToString([]byte(c.User + ":" + c.Password)),
		c.Password, url.QueryEscape(c.Password), url.PathEscape(c.Password), strings.Trim(string(quoted), `"`),
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

// A tracer prints exchanges as they go over the line, with the secrets hidden.
type tracer struct {
	next    http.RoundTripper
	out     io.Writer
	secrets []string
}

// RoundTrip implements [http.RoundTripper].
func (t *tracer) RoundTrip(r *http.Request) (*http.Response, error) {
	request, err := httputil.DumpRequestOut(r, true)
	if err != nil {
		return nil, err
	}
	t.print("> ", request)
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		t.print("! ", []byte(err.Error()))
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	answer, err := httputil.DumpResponse(resp, true)
	if err != nil {
		return nil, err
	}
	t.print("< ", answer)
	return resp, nil
}

func (t *tracer) print(mark string, text []byte) {
	for line := range strings.Lines(hideSecrets(string(text), t.secrets...) + "\n") {
		fmt.Fprintln(t.out, strings.TrimRight(mark+strings.TrimRight(line, "\r\n"), " "))
	}
}
