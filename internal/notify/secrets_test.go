package notify

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestErrorsHoldNoSecrets lets a gateway repeat everything that it was told.
func TestErrorsHoldNoSecrets(t *testing.T) {
	for _, status := range []int{400, 500, 503} {
		p := newPeer(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			fmt.Fprintf(w, "%s rejected: %s %s %s", letter.To, secret, url.QueryEscape(secret), letter.Text)
		})
		err := send(t, gatewayFor(t, "kannel", p.URL), letter)
		if err == nil {
			t.Fatal("no error")
		}
		for _, hidden := range []string{letter.To, "15123456789", secret, url.QueryEscape(secret), letter.Text} {
			if strings.Contains(err.Error(), hidden) {
				t.Errorf("%d: %q stands in %q", status, hidden, err)
			}
		}
		if !strings.Contains(err.Error(), "rejected") {
			t.Errorf("%d: the gateway's words are lost: %v", status, err)
		}
	}
}

// TestNumbersAreHidden in whatever way a gateway writes them.
func TestNumbersAreHidden(t *testing.T) {
	for words, want := range map[string]string{
		"4915123456789 is blocked":          "… is blocked",
		"To 0151 2345-6789 (mobile)":        "To … (mobile)",
		"%2B4915123456789":                  "…",
		"undelivered 30003":                 "undelivered 30003",
		"code 21211, at 10:15":              "code 21211, at 10:15",
		"number (+49) 151/23456789 refused": "number (… refused",
	} {
		if got := hide(words); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
	p := newPeer(t, says(200, `{"id":"b1","state":"Failed","recipients":[{"error":"+4915123456789: no signal"}]}`))
	if got, err := gatewayFor(t, "smsgate", p.URL).State(t.Context(), "b1"); err != nil || got.Detail != "…: no signal" {
		t.Errorf("a state: %+v, %v", got, err)
	}
	receipt := url.Values{"MessageStatus": {"failed"}, "ErrorCode": {"+4915123456789 " + secret}}
	if got, err := gatewayFor(t, "twilio", "http://127.0.0.1").Receipt(receipt, nil); err != nil || got.Detail != "failed … …" {
		t.Errorf("a receipt: %+v, %v", got, err)
	}
}

// TestHeadersStayOneLine: a secret that was pasted with its newline is no
// second header.
func TestHeadersStayOneLine(t *testing.T) {
	var got http.Header
	p := newPeer(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		says(202, `{"id":"b1"}`)(w, r)
	})
	d, err := LoadDefinition("bird")
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGateway(d, GatewayConfig{URL: p.URL, Password: "key\r\nX-Evil: 1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := send(t, g, letter); err != nil {
		t.Fatal(err)
	}
	if got.Get("Authorization") != "AccessKey keyX-Evil: 1" || got.Get("X-Evil") != "" {
		t.Errorf("headers: %v", got)
	}
}

// TestTrace shows an exchange and none of its secrets.
func TestTrace(t *testing.T) {
	for name, want := range interfaces {
		p := newPeer(t, says(want.status, want.yes))
		d, err := LoadDefinition(name)
		if err != nil {
			t.Fatal(err)
		}
		var trace bytes.Buffer
		g, err := NewGateway(d, GatewayConfig{URL: p.URL, User: "AC1", Password: secret, From: "+15550001", Trace: &trace})
		if err != nil {
			t.Fatal(err)
		}
		if posted, err := g.Send(t.Context(), letter); err != nil || posted != want.posted {
			t.Errorf("%s: %+v, %v", name, posted, err)
		}
		for _, secret := range secretsOf(g.config) {
			if strings.Contains(trace.String(), secret) {
				t.Errorf("%s shows %q:\n%s", name, secret, &trace)
			}
		}
		if !strings.Contains(trace.String(), "> "+want.request.Method) || !strings.Contains(trace.String(), fmt.Sprintf("< HTTP/1.1 %d", want.status)) {
			t.Errorf("%s:\n%s", name, &trace)
		}
	}
}
