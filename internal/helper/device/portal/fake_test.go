//go:build linux

package portal_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	portalName = "org.freedesktop.portal.Desktop"
	portalPath = "/org/freedesktop/portal/desktop"
)

type vardict = map[string]dbus.Variant

// fake is a portal that records what it is asked.
type fake struct {
	t    *testing.T
	conn *dbus.Conn

	// What it answers.
	response  uint32 // to Start
	devices   uint32
	streams   []fakeStream
	clipboard bool
	silent    bool // never answers Start, as if nobody saw the dialog
	holds     map[string]string

	mu      sync.Mutex
	calls   []string
	session dbus.ObjectPath
	pasted  chan string
	done    chan bool // of SelectionWriteDone
	asked   chan struct{}
	closed  chan dbus.ObjectPath
}

type fakeStream struct {
	Node       uint32
	Properties vardict
}

// twoMonitors are one of 1920 × 1080 and to its right, lower, one of 1280 × 720.
func twoMonitors() []fakeStream {
	place := func(x, y, w, h int32) vardict {
		type pair struct{ X, Y int32 }
		return vardict{"position": dbus.MakeVariant(pair{x, y}), "size": dbus.MakeVariant(pair{w, h})}
	}
	return []fakeStream{{41, place(0, 0, 1920, 1080)}, {42, place(1920, 360, 1280, 720)}}
}

// newFake puts a portal on the bus that allows everything.
func newFake(t *testing.T) *fake {
	t.Helper()
	bus(t)
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	f := &fake{
		t: t, conn: conn, devices: 3, streams: twoMonitors(), clipboard: true,
		pasted: make(chan string, 8), done: make(chan bool, 8),
		asked: make(chan struct{}, 8), closed: make(chan dbus.ObjectPath, 8),
	}
	return f
}

// serve exports the portal; what it answers is set before.
func (f *fake) serve() *fake {
	f.t.Helper()
	export := func(methods map[string]any, iface string) {
		if err := f.conn.ExportMethodTable(methods, portalPath, iface); err != nil {
			f.t.Fatal(err)
		}
	}
	export(map[string]any{
		"CreateSession": func(sender dbus.Sender, o vardict) (dbus.ObjectPath, *dbus.Error) {
			path := f.path("session", sender, o["session_handle_token"])
			f.mu.Lock()
			f.session = path
			f.mu.Unlock()
			err := f.conn.ExportMethodTable(map[string]any{"Close": func() *dbus.Error {
				f.closed <- path
				return nil
			}}, path, "org.freedesktop.portal.Session")
			if err != nil {
				f.t.Error(err)
			}
			return f.answer(sender, o, 0, vardict{"session_handle": dbus.MakeVariant(string(path))}), nil
		},
		"SelectDevices": func(sender dbus.Sender, s dbus.ObjectPath, o vardict) (dbus.ObjectPath, *dbus.Error) {
			f.record(s, "devices %v", o["types"].Value())
			return f.answer(sender, o, 0, nil), nil
		},
		"Start": func(sender dbus.Sender, s dbus.ObjectPath, parent string, o vardict) (dbus.ObjectPath, *dbus.Error) {
			f.record(s, "start")
			if f.silent {
				defer func() { f.asked <- struct{}{} }()
				path := f.path("request", sender, o["handle_token"])
				err := f.conn.ExportMethodTable(map[string]any{"Close": func() *dbus.Error {
					f.closed <- path
					return nil
				}}, path, "org.freedesktop.portal.Request")
				if err != nil {
					f.t.Error(err)
				}
				return path, nil
			}
			return f.answer(sender, o, f.response, vardict{
				"devices": dbus.MakeVariant(f.devices), "streams": dbus.MakeVariant(f.streams),
				"clipboard_enabled": dbus.MakeVariant(f.clipboard),
			}), nil
		},
		"NotifyPointerMotionAbsolute": func(s dbus.ObjectPath, _ vardict, stream uint32, x, y float64) *dbus.Error {
			return f.record(s, "move %d: %v %v", stream, x, y)
		},
		"NotifyPointerButton": func(s dbus.ObjectPath, _ vardict, b int32, state uint32) *dbus.Error {
			return f.record(s, "button %#x %d", b, state)
		},
		"NotifyPointerAxis": func(s dbus.ObjectPath, _ vardict, x, y float64) *dbus.Error {
			return f.record(s, "axis %v %v", x, y)
		},
		"NotifyPointerAxisDiscrete": func(s dbus.ObjectPath, _ vardict, axis uint32, steps int32) *dbus.Error {
			return f.record(s, "discrete %d: %d", axis, steps)
		},
		"NotifyKeyboardKeycode": func(s dbus.ObjectPath, _ vardict, code int32, state uint32) *dbus.Error {
			return f.record(s, "code %d %d", code, state)
		},
		"NotifyKeyboardKeysym": func(s dbus.ObjectPath, _ vardict, sym int32, state uint32) *dbus.Error {
			return f.record(s, "sym %#x %d", sym, state)
		},
	}, "org.freedesktop.portal.RemoteDesktop")
	export(map[string]any{
		"SelectSources": func(sender dbus.Sender, s dbus.ObjectPath, o vardict) (dbus.ObjectPath, *dbus.Error) {
			f.record(s, "sources %v multiple %v", o["types"].Value(), o["multiple"].Value())
			return f.answer(sender, o, 0, nil), nil
		},
	}, "org.freedesktop.portal.ScreenCast")
	f.serveClipboard(export)
	f.own(map[string]uint32{
		"org.freedesktop.portal.RemoteDesktop.version":              2,
		"org.freedesktop.portal.RemoteDesktop.AvailableDeviceTypes": 7,
		"org.freedesktop.portal.Clipboard.version":                  1,
	})
	return f
}

// own answers for properties and takes the portal's name.
func (f *fake) own(properties map[string]uint32) {
	f.t.Helper()
	err := f.conn.ExportMethodTable(map[string]any{"Get": func(iface, name string) (dbus.Variant, *dbus.Error) {
		n, ok := properties[iface+"."+name]
		if !ok {
			// What GLib answers for an interface that an object lacks.
			return dbus.MakeVariant(""), dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", []any{"No such interface"})
		}
		return dbus.MakeVariant(n), nil
	}}, portalPath, "org.freedesktop.DBus.Properties")
	if err != nil {
		f.t.Fatal(err)
	}
	if reply, err := f.conn.RequestName(portalName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		f.t.Fatal(reply, err)
	}
}

// path returns the path that the specification gives a request or a session.
func (f *fake) path(kind string, sender dbus.Sender, token dbus.Variant) dbus.ObjectPath {
	name := strings.ReplaceAll(strings.TrimPrefix(string(sender), ":"), ".", "_")
	return dbus.ObjectPath(fmt.Sprintf("%s/%s/%s/%s", portalPath, kind, name, token.Value()))
}

// answer sends a request's response before the call returns, which portals may.
func (f *fake) answer(sender dbus.Sender, o vardict, code uint32, results vardict) dbus.ObjectPath {
	path := f.path("request", sender, o["handle_token"])
	if results == nil {
		results = vardict{}
	}
	f.emit(path, "org.freedesktop.portal.Request.Response", code, results)
	return path
}

func (f *fake) emit(path dbus.ObjectPath, name string, values ...any) {
	if err := f.conn.Emit(path, name, values...); err != nil {
		f.t.Error(err)
	}
}

func (f *fake) record(session dbus.ObjectPath, format string, args ...any) *dbus.Error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if session != f.session {
		return dbus.MakeFailedError(fmt.Errorf("no session %s", session))
	}
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
	return nil
}

// handle returns the session that was created last.
func (f *fake) handle() dbus.ObjectPath {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.session
}

// took returns what was recorded since it was last called.
func (f *fake) took() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}
