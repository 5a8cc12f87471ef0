package wire

import (
	"encoding/json"
	"strconv"
	"time"

	"deskside"
)

// Close codes of the socket (RFC 6455, section 7.4), beside the standard
// ones. A client comes back after every code but the final ones.
const (
	CloseEnded     = 4000 // final: the session has ended, and its last event was sent
	CloseRemoved   = 4001 // final: takes no part
	CloseSignedOut = 4002 // final
	CloseTooSlow   = 4010 // the reader doesn't read; it may come back at once
	CloseRestart   = 1012 // the reason is a delay in milliseconds
	CloseOverload  = 1013
)

// Welcome is the first frame of a stream.
type Welcome struct {
	You       deskside.ParticipantID                    `json:"you"`
	Role      deskside.Role                             `json:"role"`
	Standing  deskside.Standing                         `json:"standing"`
	Number    int64                                     `json:"number"`
	Now       time.Time                                 `json:"now"`
	Presence  []deskside.PresenceOf                     `json:"presence"`
	Marks     map[deskside.ParticipantID]deskside.Marks `json:"marks"`
	Visits    int                                       `json:"visits,omitempty"`
	WrongKeys int                                       `json:"wrongKeys,omitempty"`
}

// Ack says that a request is on stable storage.
type Ack struct {
	ID  string    `json:"id"`
	Seq int64     `json:"seq"`
	At  time.Time `json:"at"`
}

// Problem is a refusal in the form of RFC 9457.
type Problem struct {
	Type   string        `json:"type"`
	Title  string        `json:"title"`
	Status int           `json:"status"`
	Code   deskside.Code `json:"code"`
	Detail string        `json:"detail"`
}

// Refusal says that a request changed nothing.
type Refusal struct {
	ID      string  `json:"id,omitempty"`
	Problem Problem `json:"problem"`
}

// Close ends a stream that has no close code of its own.
type Close struct {
	Code   int    `json:"code"`
	Reason string `json:"reason,omitempty"`
}

// StandingFrame tells somebody who knocked what became of it.
type StandingFrame struct {
	Standing deskside.Standing `json:"standing"`
}

// List is every open session that an agent sees.
type List struct {
	Sessions []deskside.Overview `json:"sessions"`
}

// Overview is one of them, as it is now.
type Overview struct {
	Session deskside.Overview `json:"session"`
}

// Beat is the frame that shows that the line lives.
var Beat = []byte(`{"type":"beat"}`)

// Encode returns the frame of the given type with the fields of v, a struct.
func Encode(typ string, v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic("wire: " + err.Error()) // only values of this package come here, and they have a JSON form
	}
	b := append(make([]byte, 0, len(data)+len(typ)+12), `{"type":"`...)
	b = append(append(b, typ...), '"')
	if len(data) > 2 {
		b = append(b, ',')
	}
	return append(b, data[1:]...)
}

// Events returns the frame with all that its reader may see in (after, upto].
// It copies the events' JSON, which is made once for all readers.
func Events(after, upto int64, events []deskside.Event) []byte {
	size := 64
	for i := range events {
		size += len(events[i].JSON()) + 1
	}
	b := append(make([]byte, 0, size), `{"type":"events","after":`...)
	b = strconv.AppendInt(b, after, 10)
	b = append(b, `,"upto":`...)
	b = strconv.AppendInt(b, upto, 10)
	b = append(b, `,"events":[`...)
	for i := range events {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, events[i].JSON()...)
	}
	return append(b, `]}`...)
}
