//go:build linux

package portal_test

import (
	"context"
	"errors"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"deskside/internal/control"
	"deskside/internal/helper/device"
	"deskside/internal/helper/device/portal"
)

func open(t *testing.T, f *fake) device.Device {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	d, err := portal.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func wantEvent(t *testing.T, d device.Device, want device.Event) {
	t.Helper()
	select {
	case got := <-d.Events():
		if got != want {
			t.Errorf("event %v, want %v", got, want)
		}
	case <-time.After(5 * time.Second):
		t.Fatalf("no event, want %v", want)
	}
}

// wantCalls compares what the portal was asked since the last time.
func wantCalls(t *testing.T, f *fake, err error, want ...string) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
	if got := f.took(); !slices.Equal(got, want) {
		t.Errorf("the portal was asked\n\t%q, want\n\t%q", got, want)
	}
}

func TestSession(t *testing.T) {
	f := newFake(t).serve()
	d := open(t, f)
	wantCalls(t, f, nil, "devices 3", "sources 1 multiple true", "clipboard", "start")
	monitors, err := d.Monitors()
	if want := []device.Monitor{{Name: "1", Area: image.Rect(0, 0, 1920, 1080)}, {Name: "2", Area: image.Rect(1920, 360, 3200, 1080)}}; err != nil || !slices.Equal(monitors, want) {
		t.Errorf("monitors %v, %v; want %v", monitors, err, want)
	}
	if _, err := d.Show(nil); !errors.Is(err, device.ErrUnsupported) {
		t.Errorf("Show: %v", err)
	}
	if err := d.Frame(image.Rect(0, 0, 9, 9)); !errors.Is(err, device.ErrUnsupported) {
		t.Errorf("Frame: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if got := <-f.closed; got != f.handle() {
		t.Errorf("closed %s, want the session", got)
	}
	if e, open := <-d.Events(); open {
		t.Errorf("event %v after Close", e)
	}
	if err := d.Move(image.Pt(1, 1)); !errors.Is(err, portal.ErrEnded) {
		t.Errorf("Move after Close: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

func TestDeclined(t *testing.T) {
	for name, set := range map[string]func(*fake){
		"dialog":     func(f *fake) { f.response = 1 },
		"devices":    func(f *fake) { f.devices = 0 },
		"no monitor": func(f *fake) { f.streams = nil },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			set(f)
			f.serve()
			if _, err := portal.Open(context.Background()); !errors.Is(err, portal.ErrDeclined) {
				t.Errorf("%v, want ErrDeclined", err)
			}
			if got := <-f.closed; got != f.handle() {
				t.Errorf("closed %s, want the session", got)
			}
		})
	}
}

// Giving up takes the dialog away.
func TestCancel(t *testing.T) {
	f := newFake(t)
	f.silent = true
	f.serve()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-f.asked
		cancel()
	}()
	if _, err := portal.Open(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
	first, second := <-f.closed, <-f.closed
	if second != f.handle() {
		first, second = second, first
	}
	if !strings.Contains(string(first), "/request/") || second != f.handle() {
		t.Errorf("closed %s and %s, want the request and the session", first, second)
	}
}

// A person who allows only the mouse gets a session for the mouse.
func TestOnlyPointer(t *testing.T) {
	f := newFake(t)
	f.devices = 2
	d := open(t, f.serve())
	if err := d.Key(device.Press{Key: control.KeyEnter, Down: true}); !errors.Is(err, device.ErrPermission) {
		t.Errorf("Key: %v", err)
	}
	if err := d.Text("x"); !errors.Is(err, device.ErrPermission) {
		t.Errorf("Text: %v", err)
	}
	if err := d.Move(image.Pt(1, 1)); err != nil {
		t.Errorf("Move: %v", err)
	}
}

func TestStoppedByDesktop(t *testing.T) {
	f := newFake(t).serve()
	d := open(t, f)
	// Nobody but the portal can end a session.
	other, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.Emit(f.handle(), "org.freedesktop.portal.Session.Closed", vardict{}); err != nil {
		t.Fatal(err)
	}
	if err := d.Move(image.Pt(1, 1)); err != nil {
		t.Errorf("after another program's signal: %v", err)
	}
	f.emit(f.handle(), "org.freedesktop.portal.Session.Closed", vardict{})
	wantEvent(t, d, device.StopPressed)
	wantEvent(t, d, device.Broken)
	if err := d.Move(image.Pt(1, 1)); !errors.Is(err, portal.ErrEnded) {
		t.Errorf("Move: %v, want ErrEnded", err)
	}
	if _, err := d.Monitors(); !errors.Is(err, portal.ErrEnded) {
		t.Errorf("Monitors: %v, want ErrEnded", err)
	}
	select {
	case _, open := <-d.Events():
		t.Errorf("Events gave something else, open %v, before Close", open)
	case <-time.After(50 * time.Millisecond):
	}
}

// A portal that goes away is no person who pressed stop.
func TestPortalGone(t *testing.T) {
	f := newFake(t).serve()
	d := open(t, f)
	f.conn.Close()
	wantEvent(t, d, device.Broken)
}

func TestNoPortal(t *testing.T) {
	for name, test := range map[string]struct {
		set  func(t *testing.T)
		want string
	}{
		"no bus":           {func(t *testing.T) { t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent") }, "session bus"},
		"no portal":        {bus, "no portal"},
		"no RemoteDesktop": {func(t *testing.T) { newFake(t).own(nil) }, "RemoteDesktop"},
		"no devices": {func(t *testing.T) {
			newFake(t).own(map[string]uint32{
				"org.freedesktop.portal.RemoteDesktop.version":              2,
				"org.freedesktop.portal.RemoteDesktop.AvailableDeviceTypes": 4,
			})
		}, "neither keyboard nor pointer"},
	} {
		t.Run(name, func(t *testing.T) {
			test.set(t)
			_, err := portal.Open(context.Background())
			if !errors.Is(err, device.ErrUnsupported) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want ErrUnsupported with %q", err, test.want)
			}
		})
	}
}

func wantOpenError(t *testing.T, f *fake, want string) {
	t.Helper()
	if _, err := portal.Open(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want an error with %q", err, want)
	}
	if got := <-f.closed; got != f.handle() {
		t.Errorf("closed %s, want the session", got)
	}
}
