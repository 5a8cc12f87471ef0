package wire

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"deskside"
)

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		name, frame string
		want        deskside.Code
	}{
		{"a message", `{"type":"post","id":"a","text":"Hello"}`, ""},
		{"a signal needs no id", `{"type":"typing","typing":true}`, ""},
		{"space around it", " {\"type\":\"beat\"}\n", ""},
		{"no JSON", `post`, deskside.CodeInvalid},
		{"no object", `["post"]`, deskside.CodeInvalid},
		{"nothing", ``, deskside.CodeInvalid},
		{"two at once", `{"type":"beat"}{"type":"beat"}`, deskside.CodeInvalid},
		{"no type", `{"id":"a"}`, deskside.CodeInvalid},
		{"a field that nobody knows", `{"type":"beat","role":"agent"}`, deskside.CodeInvalid},
		{"no id", `{"type":"post","text":"Hello"}`, deskside.CodeInvalid},
		{"an id that is too long", `{"type":"post","id":"` + strings.Repeat("x", deskside.MaxRequestID+1) + `"}`, deskside.CodeInvalid},
		{"a number for a text", `{"type":"post","id":"a","text":7}`, deskside.CodeInvalid},
		{"no UTF-8", "{\"type\":\"post\",\"id\":\"a\",\"text\":\"\xff\"}", deskside.CodeTextNotUTF8},
		{"too large", `{"type":"post","id":"a","text":"` + strings.Repeat("x", MaxFrame) + `"}`, deskside.CodeTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Decode([]byte(test.frame)); deskside.CodeOf(err) != test.want {
				t.Errorf("Decode: %v, want code %q", err, test.want)
			}
		})
	}
}

// FuzzDecode looks for frames that make Decode panic or let through what the
// desk could not store.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"type":"post","id":"a","text":"Hello"}`, `{"type":"beat"}`, `{"type":"edit","id":"b","message":7,"text":"\ud83d"}`, `{}`, "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		r, err := Decode(frame)
		if err != nil {
			if deskside.CodeOf(err) == deskside.CodeInternal {
				t.Fatalf("a refusal without a code: %v", err)
			}
			return
		}
		if r.Type == "" || !r.IsSignal() && (r.ID == "" || len(r.ID) > deskside.MaxRequestID) {
			t.Fatalf("let through %+v", r)
		}
		if !utf8.ValidString(r.Text) || !utf8.ValidString(r.Type) || !utf8.ValidString(r.ID) {
			t.Fatalf("let through bytes that are no text: %+v", r)
		}
	})
}

func TestFramesAreJSON(t *testing.T) {
	event := deskside.Event{Seq: 7, At: time.Date(2026, 11, 23, 14, 5, 9, 120e6, time.UTC), By: "p", ID: "r", Body: &deskside.Message{Text: "Hello"}}
	if err := event.Encode(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		frame []byte
		want  string
	}{
		{Events(6, 7, []deskside.Event{event}), `{"type":"events","after":6,"upto":7,"events":[{"seq":7,"at":"2026-11-23T14:05:09.120Z","by":"p","id":"r","type":"message","data":{"text":"Hello"}}]}`},
		{Events(6, 7, nil), `{"type":"events","after":6,"upto":7,"events":[]}`},
		{Encode("ack", Ack{ID: "r", Seq: 7, At: event.At}), `{"type":"ack","id":"r","seq":7,"at":"2026-11-23T14:05:09.12Z"}`},
		{Encode("beat", struct{}{}), string(Beat)},
	} {
		if string(test.frame) != test.want {
			t.Errorf("frame\n%s, want\n%s", test.frame, test.want)
		}
		if !json.Valid(test.frame) {
			t.Errorf("%s is no JSON", test.frame)
		}
	}
}
