package win32

import (
	"testing"
	"time"

	"deskside/internal/helper/device"
)

func TestAnnouncerLosesNoStop(t *testing.T) {
	a := newAnnouncer()
	for range 10_000 { // more than the channel holds, and nobody reads
		a.announce(device.Acted)
	}
	for range 20 {
		a.announce(device.ClipboardChanged)
		time.Sleep(time.Millisecond)
	}
	a.announce(device.StopPressed)
	deadline := time.After(5 * time.Second)
	for {
		select {
		case e := <-a.events:
			if e == device.StopPressed {
				a.stop()
				return
			}
		case <-deadline:
			t.Fatal("not announced")
		}
	}
}

func TestAnnouncerStops(t *testing.T) {
	a := newAnnouncer()
	for range 100 { // until its goroutine waits for a reader
		a.announce(device.MonitorsChanged)
		time.Sleep(100 * time.Microsecond)
	}
	a.stop()
	a.stop()
	a.announce(device.StopPressed) // harmless
	var events int
	for range a.events { // ends only if it is closed
		events++
	}
	if events == 0 || events > cap(a.events) {
		t.Errorf("%d events", events)
	}
}
