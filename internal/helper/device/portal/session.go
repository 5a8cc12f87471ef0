//go:build linux

package portal

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"deskside/internal/helper/device"
)

// The portal's bits for devices and sources.
const (
	deviceKeyboard = 1
	devicePointer  = 2
	sourceMonitor  = 1
)

// options are what the portal calls a vardict.
type options = map[string]dbus.Variant

// stream is a monitor that the person chose. Motion is given relative to it.
type stream struct {
	node uint32
	area image.Rectangle
}

// subscribe asks the bus for the portal's signals.
func (d *desktop) subscribe(ctx context.Context) error {
	d.conn.Signal(d.signals)
	if err := d.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, portalName).Store(&d.owner); err != nil {
		return explain(err)
	}
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(portalName), dbus.WithMatchInterface(requestPortal)},
		{dbus.WithMatchSender(portalName), dbus.WithMatchInterface(sessionPortal)},
		{dbus.WithMatchSender(portalName), dbus.WithMatchInterface(clipboardPortal)},
		{dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, portalName)},
	} {
		if err := d.conn.AddMatchSignalContext(ctx, match...); err != nil {
			return fmt.Errorf("the session bus refuses the helper: %w", err)
		}
	}
	return nil
}

// create makes the session and says what is wanted: the devices, and the
// monitors to place the pointer on.
func (d *desktop) create(ctx context.Context, devices uint32) error {
	results, err := d.request(ctx, remoteDesktop+".CreateSession", options{"session_handle_token": dbus.MakeVariant(token())})
	if err != nil {
		return err
	}
	// The specification says object path; the portals send a string.
	switch handle := results["session_handle"].Value().(type) {
	case string:
		d.session = dbus.ObjectPath(handle)
	case dbus.ObjectPath:
		d.session = handle
	}
	if !d.session.IsValid() {
		d.session = ""
		return errors.New("the desktop's portal gave no session")
	}
	if _, err := d.request(ctx, remoteDesktop+".SelectDevices", options{"types": dbus.MakeVariant(devices)}, d.session); err != nil {
		return err
	}
	if devices&devicePointer == 0 {
		return nil
	}
	_, err = d.request(ctx, screenCast+".SelectSources", options{
		"types":    dbus.MakeVariant(uint32(sourceMonitor)),
		"multiple": dbus.MakeVariant(true),
	}, d.session)
	return err
}

// start has the desktop ask the person, and takes over what they chose.
func (d *desktop) start(ctx context.Context) error {
	results, err := d.request(ctx, remoteDesktop+".Start", options{}, d.session, "")
	if err != nil {
		return err
	}
	devices, _ := results["devices"].Value().(uint32)
	d.keys, d.pointer = devices&deviceKeyboard != 0, devices&devicePointer != 0
	if !d.keys && !d.pointer {
		return fmt.Errorf("%w: neither mouse nor keyboard were allowed", ErrDeclined)
	}
	if enabled, _ := results["clipboard_enabled"].Value().(bool); enabled && d.clip.requested {
		d.clipboardEnabled = d.conn.SupportsUnixFDs()
	}
	if v, ok := results["streams"]; ok {
		if d.streams, err = parseStreams(v); err != nil {
			return err
		}
	}
	if d.pointer && len(d.streams) == 0 {
		return fmt.Errorf("%w: no monitor was chosen to move the mouse on", ErrDeclined)
	}
	return nil
}

// parseStreams reads the monitors. One that has no place is put to the right of
// those before it: motion is relative to the stream, so that any place will do
// that is no other's.
func parseStreams(v dbus.Variant) ([]stream, error) {
	var raw []struct {
		Node       uint32
		Properties options
	}
	if err := v.Store(&raw); err != nil {
		return nil, fmt.Errorf("the desktop's portal described the monitors in an unknown way: %w", err)
	}
	var streams []stream
	var all image.Rectangle
	for _, r := range raw {
		size, ok := pair(r.Properties["size"])
		if !ok || size.X <= 0 || size.Y <= 0 {
			return nil, errors.New("the desktop's portal doesn't say how large the monitors are")
		}
		at, ok := pair(r.Properties["position"])
		if !ok {
			at = image.Pt(all.Max.X, all.Min.Y)
		}
		area := image.Rectangle{Min: at, Max: at.Add(size)}
		all = all.Union(area)
		streams = append(streams, stream{node: r.Node, area: area})
	}
	return streams, nil
}

// pair reads two numbers.
func pair(v dbus.Variant) (image.Point, bool) {
	var x, y int32
	numbers, _ := v.Value().([]any)
	if dbus.Store(numbers, &x, &y) != nil {
		return image.Point{}, false
	}
	return image.Pt(int(x), int(y)), true
}

// request calls a method that answers by a signal, and waits for it. The
// options come last in all of these methods.
func (d *desktop) request(ctx context.Context, method string, o options, args ...any) (options, error) {
	t := token()
	o["handle_token"] = dbus.MakeVariant(t)
	sender := strings.ReplaceAll(strings.TrimPrefix(d.conn.Names()[0], ":"), ".", "_")
	handle := portalPath + dbus.ObjectPath("/request/"+sender+"/"+t)
	given := handle
	if err := d.portal.CallWithContext(ctx, method, 0, append(slices.Clone(args), o)...).Store(&given); err != nil && ctx.Err() == nil {
		return nil, explain(err)
	}
	for {
		select {
		case <-ctx.Done():
			// Closing the request takes the dialog away.
			d.conn.Object(portalName, given).Go(requestPortal+".Close", dbus.FlagNoReplyExpected, nil)
			return nil, context.Cause(ctx)
		case s, ok := <-d.signals:
			if !ok {
				return nil, errors.New("the session bus has closed the connection")
			}
			switch {
			case d.gone(s):
				d.ended.Store(true)
				return nil, ErrEnded
			case s.Sender == d.owner && s.Name == requestPortal+".Response" && (s.Path == handle || s.Path == given):
				return response(s)
			}
			d.clipboardSignal(s)
		}
	}
}

// response reads the portal's answer to a request.
func response(s *dbus.Signal) (options, error) {
	var code uint32
	var results options
	if err := dbus.Store(s.Body, &code, &results); err != nil {
		return nil, fmt.Errorf("the desktop's portal answered in an unknown way: %w", err)
	}
	switch code {
	case 0:
		return results, nil
	case 1:
		return nil, ErrDeclined
	}
	return nil, errors.New("the desktop's portal ended the request without an answer of the person's")
}

// token returns a name for a request or a session.
func token() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return "deskside" + hex.EncodeToString(b)
}

// Monitors returns the monitors that the person chose, in the desktop's order:
// which one is the main one it doesn't say. Places are in the compositor's
// coordinates, which are scaled.
func (d *desktop) Monitors() ([]device.Monitor, error) {
	if d.ended.Load() || d.closing.Load() {
		return nil, ErrEnded
	}
	if !d.pointer {
		return nil, errNoPointer
	}
	monitors := make([]device.Monitor, 0, len(d.streams))
	for i, s := range d.streams {
		monitors = append(monitors, device.Monitor{Name: fmt.Sprint(i + 1), Area: s.area})
	}
	return monitors, nil
}
