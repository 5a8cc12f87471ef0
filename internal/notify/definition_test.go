package notify

import (
	"strings"
	"testing"

	"deskside"
)

func TestBadDefinitions(t *testing.T) {
	good := `{"name":"x","number":"e164","send":{"method":"GET","url":"{url}/send","query":{"t":"{text}"}},"accepted":{"status":[200]}}`
	if _, err := ParseDefinition([]byte(good)); err != nil {
		t.Errorf("the good one: %v", err)
	}
	for name, bad := range map[string]string{
		"no JSON":                      `send: get`,
		"an unknown field":             strings.Replace(good, `"name"`, `"nmae"`, 1),
		"an unknown value":             strings.Replace(good, "{text}", "{message}", 1),
		"no statuses":                  strings.Replace(good, "[200]", "[]", 1),
		"another number":               strings.Replace(good, "e164", "national", 1),
		"no request":                   strings.Replace(good, "GET", "", 1),
		"a form and JSON":              strings.Replace(good, `"query":`, `"json":{},"form":`, 1),
		"a misspelt value":             strings.Replace(good, "{text}", "{Text}", 1),
		"more than one":                good + good,
		"an unknown need":              strings.Replace(good, `"name":"x"`, `"name":"x","needs":["token"]`, 1),
		"a query in the url":           strings.Replace(good, "/send", "/send?v=1", 1),
		"a receipt that says nothing":  strings.Replace(good, `"name":"x"`, `"name":"x","receipt":{"states":{"1":"sent"}}`, 1),
		"a poll without a name":        strings.Replace(good, `"name":"x"`, `"name":"x","poll":{"method":"GET","url":"{url}/{reference}","after":5,"state":"s","states":{"1":"sent"}}`, 1),
		"a poll without a url":         strings.Replace(good, `"name":"x"`, `"name":"x","id":"id","poll":{"method":"GET","after":5,"state":"s","states":{"1":"sent"}}`, 1),
		"a poll at no time":            strings.Replace(good, `"name":"x"`, `"name":"x","id":"id","poll":{"method":"GET","url":"{url}/{reference}","state":"s","states":{"1":"sent"}}`, 1),
		"a state that is none, of two": strings.Replace(good, `"name":"x"`, `"name":"x","id":"id","receipt":{"state":"s","states":{"1":"arrived"}},"poll":{"method":"GET","url":"{url}","after":5,"state":"s","states":{"1":"sent"}}`, 1),
		"text and JSON":                strings.Replace(good, `"status":[200]`, `"status":[200],"field":"a","begins":["OK"]`, 1),
		"a no without a yes":           strings.Replace(good, `"status":[200]`, `"status":[200],"no":["ERR"]`, 1),
		"a state that is none":         strings.Replace(good, `"name":"x"`, `"name":"x","receipt":{"state":"s","states":{"1":"arrived"}}`, 1),
	} {
		if _, err := ParseDefinition([]byte(bad)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := LoadDefinition("twillio"); err == nil || !strings.Contains(err.Error(), "twilio") {
		t.Errorf("a misspelt name: %v", err)
	}
	d, err := LoadDefinition("kannel")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []GatewayConfig{{User: "u", Password: "p"}, {URL: "http://h", User: "u"}, {URL: "ftp://h", User: "u", Password: "p"}} {
		if _, err := NewGateway(d, c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

// TestTextAnswers: many plain gateways answer 200 to everything.
func TestTextAnswers(t *testing.T) {
	d, err := ParseDefinition([]byte(`{"name":"x","number":"digits","send":{"method":"GET","url":"{url}","query":{"t":"{text}"}},
		"accepted":{"status":[200],"begins":["OK","QUEUED"],"no":["ERR"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	for answer, want := range map[string]deskside.InvitationState{
		"OK: 12345": "", "QUEUED": "", "ERR: no credit": "refused", "<html>Welcome": "uncertain", "": "uncertain",
	} {
		p := newPeer(t, says(200, answer))
		g, err := NewGateway(d, GatewayConfig{URL: p.URL})
		if err != nil {
			t.Fatal(err)
		}
		err = send(t, g, letter)
		if want == "" && err != nil {
			t.Errorf("%q: %v", answer, err)
		}
		if want != "" {
			wantState(t, answer, err, want)
		}
	}
}
