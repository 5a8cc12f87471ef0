package device

import (
	"slices"
	"testing"
	"time"
)

// TestAnnouncerLosesNothing announces much while nobody reads.
func TestAnnouncerLosesNothing(t *testing.T) {
	a := NewAnnouncer()
	for range 10_000 {
		a.Announce(Acted)
	}
	all := []Event{MonitorsChanged, ClipboardChanged, StopPressed, Broken}
	for _, e := range all {
		a.Announce(e)
	}
	a.Announce(Acted)
	var got []Event
	for timeout := time.After(5 * time.Second); slices.ContainsFunc(all, func(e Event) bool { return !slices.Contains(got, e) }); {
		select {
		case e := <-a.Events():
			got = append(got, e)
		case <-timeout:
			t.Fatalf("only %v were announced", got)
		}
	}
	if first := slices.Index(got, StopPressed); first > 1 || len(got) > len(all)+2 {
		t.Errorf("announced are %v: stop waits, or something comes more often than it can be read", got)
	}
}

func TestAnnouncerCloses(t *testing.T) {
	a := NewAnnouncer()
	a.Announce(MonitorsChanged) // nobody reads it
	a.Close()
	a.Close()
	a.Announce(StopPressed) // harmless
	n := 0
	for range a.Events() { // ends only if it is closed
		n++
	}
	if n > 2 {
		t.Errorf("%d events", n)
	}
}
