// Package crashtest kills the real server, breaks its disk, and then holds
// what its clients were told against what its log has.
package crashtest

import (
	"bytes"
	"fmt"

	"deskside"
)

// A Said is one message as its sender knows it.
type Said struct {
	By   deskside.ParticipantID
	ID   string // the request's
	Text string
	Seq  int64 // the number in the acknowledgement; 0 where none came
}

// Check compares what the senders know, each in the order in which they sent,
// with the session's log. It returns what is wrong in words; nothing is wrong
// when every acknowledged message is there once, under its number, in its
// sender's order, and numbers have neither gap nor double.
func Check(said []Said, log []deskside.Event) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	type request struct {
		by deskside.ParticipantID
		id string
	}
	found := make(map[request]deskside.Event)
	for i, e := range log {
		if want := int64(i + 1); e.Seq != want {
			fault("number %d stands where %d belongs", e.Seq, want)
		}
		message, ok := e.Body.(*deskside.Message)
		if !ok {
			continue
		}
		r := request{e.By, e.ID}
		if first, ok := found[r]; ok {
			fault("%q stands there twice: %d and %d", message.Text, first.Seq, e.Seq)
		}
		found[r] = e
	}
	last := make(map[deskside.ParticipantID]int64)
	for _, s := range said {
		e, ok := found[request{s.By, s.ID}]
		if !ok {
			if s.Seq != 0 {
				fault("%q was acknowledged as %d and is lost", s.Text, s.Seq)
			}
			continue
		}
		delete(found, request{s.By, s.ID})
		if s.Seq != 0 && e.Seq != s.Seq {
			fault("%q was acknowledged as %d and is %d", s.Text, s.Seq, e.Seq)
		}
		if text := e.Body.(*deskside.Message).Text; text != s.Text {
			fault("%q became %q", s.Text, text)
		}
		if e.Seq < last[s.By] {
			fault("%q is %d, after a later one of its sender", s.Text, e.Seq)
		}
		last[s.By] = e.Seq
	}
	for _, e := range found {
		fault("%d was said by nobody", e.Seq)
	}
	return faults
}

// CheckShown compares what one participant was shown, over all connections
// that they had, with the part of the log that they may see. Nothing is wrong
// when it is the same events, each once, in the same order, to the end.
func CheckShown(shown, log []deskside.Event) (faults []string) {
	for i, e := range shown {
		if i == len(log) {
			return []string{fmt.Sprintf("shown, and not in the log: %s", e.JSON())}
		}
		if !bytes.Equal(e.JSON(), log[i].JSON()) {
			return []string{fmt.Sprintf("shown %s, in the log %s", e.JSON(), log[i].JSON())}
		}
	}
	if missing := log[len(shown):]; len(missing) > 0 {
		return []string{fmt.Sprintf("%d events were not shown, from number %d on", len(missing), missing[0].Seq)}
	}
	return nil
}
