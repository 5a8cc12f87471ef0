// Package wire is the JSON that clients and the server speak over a session's
// live stream: requests one way, frames the other. docs/protocol.md describes
// it for people who write clients.
package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"

	"deskside"
)

// MaxFrame bounds a frame in either direction, in bytes.
const MaxFrame = 64 << 10

// A Request is what a client asks, or a signal of its own. Type says which
// fields count.
type Request struct {
	Type string `json:"type"`
	ID   string `json:"id,omitempty"` // the client's name for it; none for a signal

	Text        string                 `json:"text,omitempty"`
	Message     int64                  `json:"message,omitempty"` // a message's seq
	Emoji       string                 `json:"emoji,omitempty"`
	URL         string                 `json:"url,omitempty"`
	Title       string                 `json:"title,omitempty"`
	On          bool                   `json:"on,omitempty"`
	Via         string                 `json:"via,omitempty"`
	Participant deskside.ParticipantID `json:"participant,omitempty"`
	Rating      deskside.Rating        `json:"rating,omitempty"`
	Note        string                 `json:"note,omitempty"`
	Outcome     deskside.Outcome       `json:"outcome,omitempty"`
	Tags        []string               `json:"tags,omitempty"`

	Surface deskside.Surface `json:"surface,omitempty"`
	Why     deskside.ViewWhy `json:"why,omitempty"`
	Screen  bool             `json:"screen,omitempty"`
	Camera  bool             `json:"camera,omitempty"`

	System  string `json:"system,omitempty"`
	Browser string `json:"browser,omitempty"`

	Aim       string `json:"aim,omitempty"` // where marks are
	RTC       string `json:"rtc,omitempty"` // with participant: for whom
	Typing    bool   `json:"typing,omitempty"`
	Away      bool   `json:"away,omitempty"`
	Delivered int64  `json:"delivered,omitempty"`
	Read      int64  `json:"read,omitempty"`
}

// signals are the requests without an id and without an answer.
var signals = map[string]bool{"typing": true, "marks": true, "away": true, "beat": true, "rtc": true, "aim": true}

// IsSignal says whether r is of the moment and gets no answer.
func (r Request) IsSignal() bool { return signals[r.Type] }

// Decode reads one request.
//
// Errors: CodeTooLarge, CodeTextNotUTF8, and CodeInvalid where it is no JSON
// object of this form or has no usable id.
func Decode(b []byte) (Request, error) {
	var r Request
	if len(b) > MaxFrame {
		return r, deskside.Errorf(deskside.CodeTooLarge, "A request has at most %d bytes.", MaxFrame)
	}
	if !utf8.Valid(b) {
		return r, deskside.Errorf(deskside.CodeTextNotUTF8, "The request is not valid UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, deskside.Errorf(deskside.CodeInvalid, "The request is no JSON object of a known form.")
	}
	if _, err := d.Token(); err != io.EOF {
		return r, deskside.Errorf(deskside.CodeInvalid, "There is something behind the request.")
	}
	switch {
	case r.Type == "":
		return r, deskside.Errorf(deskside.CodeInvalid, "The request has no type.")
	case !r.IsSignal() && (r.ID == "" || len(r.ID) > deskside.MaxRequestID):
		return r, deskside.Errorf(deskside.CodeInvalid, "A request has an id of 1 to %d bytes.", deskside.MaxRequestID)
	}
	return r, nil
}
