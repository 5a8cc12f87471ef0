//go:build linux

// Package portal carries input out under Wayland, by the XDG desktop portal's
// RemoteDesktop: the desktop asks the person in a dialog of its own, shows a
// sign while the session lasts, and ends it whenever the person says so there.
//
// What a portal doesn't offer: it doesn't tell what the person at the computer
// does, so there is no Acted; StopPressed comes from the desktop's own sign.
// The monitors are those that the person chose in the dialog, and stay as they
// were then: there is no MonitorsChanged. Nothing can be shown above all else.
// Characters that the computer's layout lacks depend on the desktop: GNOME drops
// them, such as emoji, and the portal doesn't tell.
package portal

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// The names on the bus.
const (
	portalName      = "org.freedesktop.portal.Desktop"
	portalPath      = dbus.ObjectPath("/org/freedesktop/portal/desktop")
	remoteDesktop   = "org.freedesktop.portal.RemoteDesktop"
	screenCast      = "org.freedesktop.portal.ScreenCast"
	clipboardPortal = "org.freedesktop.portal.Clipboard"
	requestPortal   = "org.freedesktop.portal.Request"
	sessionPortal   = "org.freedesktop.portal.Session"
)

// The errors of Open that say what the person, or the desktop, did.
var (
	// ErrDeclined says that the person said no in the desktop's dialog.
	ErrDeclined = errors.New("declined in the desktop's own dialog")
	// ErrEnded says that the desktop ended the session.
	ErrEnded = errors.New("the desktop has ended remote control")
)

// callTime is how long the portal may take for a call that asks nobody.
const callTime = 2 * time.Second

// desktop is a session with the portal.
type desktop struct {
	conn    *dbus.Conn
	portal  dbus.BusObject
	owner   string // the portal's own name on the bus, to tell its signals
	session dbus.ObjectPath
	signals chan *dbus.Signal
	events  *device.Announcer
	done    chan struct{} // closed by Close
	watched chan struct{} // closed when watch has ended
	closing atomic.Bool   // Close was called
	ended   atomic.Bool   // the session is gone
	closed  sync.Once

	streams          []stream
	pointer, keys    bool // what the person allowed
	pressed          map[control.Key]pressing
	modifiers        []control.Key // those that are down, in the order of pressing
	clipboardEnabled bool
	clip             clipboard
}

var _ device.Device = (*desktop)(nil)

// Open asks the desktop for a session, and the desktop asks the person; it
// returns when the person has answered, which takes as long as they like.
// Cancelling ctx takes the dialog away. Once Open has returned, ctx has no
// more say. Its errors are sentences for people; where this desktop has no
// portal, they wrap device.ErrUnsupported.
func Open(ctx context.Context) (device.Device, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err != nil {
		return nil, fmt.Errorf("there is no session bus, so the helper has to be started from within the desktop: %w (%v)", device.ErrUnsupported, err)
	}
	d := &desktop{
		conn:    conn,
		portal:  conn.Object(portalName, portalPath),
		signals: make(chan *dbus.Signal, 64),
		events:  device.NewAnnouncer(),
		done:    make(chan struct{}),
		watched: make(chan struct{}),
		pressed: make(map[control.Key]pressing),
	}
	if err := d.open(ctx); err != nil {
		d.end()
		d.events.Close()
		return nil, err
	}
	go d.watch()
	return d, nil
}

func (d *desktop) open(ctx context.Context) error {
	// The handshake knows no context.
	stop := context.AfterFunc(ctx, func() { _ = d.conn.Close() })
	err := d.conn.Auth(nil)
	if err == nil {
		err = d.conn.Hello()
	}
	if !stop() {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("the session bus refuses the helper: %w", err)
	}
	version, devices, err := d.offer(ctx)
	if err != nil {
		return err
	}
	if err := d.subscribe(ctx); err != nil {
		return err
	}
	if err := d.create(ctx, devices); err != nil {
		return err
	}
	if version >= 2 {
		d.requestClipboard(ctx)
	}
	return d.start(ctx)
}

// offer asks what the portal has. It is the first call, which starts the
// portal where it doesn't run yet.
func (d *desktop) offer(ctx context.Context) (version, devices uint32, err error) {
	// Starting a portal and its back end may take a while.
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	version, err = d.property(ctx, remoteDesktop, "version")
	if err == nil {
		devices, err = d.property(ctx, remoteDesktop, "AvailableDeviceTypes")
	}
	if err != nil {
		return 0, 0, explain(err)
	}
	if devices&(deviceKeyboard|devicePointer) == 0 {
		return 0, 0, fmt.Errorf("this desktop's portal offers neither keyboard nor pointer: %w", device.ErrUnsupported)
	}
	return version, devices & (deviceKeyboard | devicePointer), nil
}

func (d *desktop) property(ctx context.Context, iface, name string) (uint32, error) {
	var v dbus.Variant
	err := d.portal.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, iface, name).Store(&v)
	if err != nil {
		return 0, err
	}
	n, ok := v.Value().(uint32)
	if !ok {
		return 0, fmt.Errorf("the portal's %s is no number", name)
	}
	return n, nil
}

// explain says to a person what it means that the portal can't be asked.
func explain(err error) error {
	var failed dbus.Error
	if !errors.As(err, &failed) {
		return fmt.Errorf("the desktop's portal doesn't answer: %w", err)
	}
	switch failed.Name {
	case "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
		"org.freedesktop.DBus.Error.Spawn.ServiceNotFound", "org.freedesktop.DBus.Error.Spawn.ExecFailed",
		"org.freedesktop.DBus.Error.Spawn.ChildExited", "org.freedesktop.DBus.Error.Spawn.ChildSignaled",
		"org.freedesktop.DBus.Error.Spawn.Failed", "org.freedesktop.DBus.Error.TimedOut":
		return fmt.Errorf("this desktop has no portal (xdg-desktop-portal), without which Wayland lets no program help with mouse and keyboard; a session under X11 does: %w (%v)", device.ErrUnsupported, err)
	case "org.freedesktop.DBus.Error.UnknownInterface", "org.freedesktop.DBus.Error.UnknownMethod",
		"org.freedesktop.DBus.Error.UnknownObject", "org.freedesktop.DBus.Error.UnknownProperty",
		"org.freedesktop.DBus.Error.InvalidArgs":
		return fmt.Errorf("this desktop's portal hands out no remote control (RemoteDesktop); GNOME's and KDE's do, and so does a session under X11: %w (%v)", device.ErrUnsupported, err)
	}
	return fmt.Errorf("the desktop's portal refuses: %w", err)
}

// call calls a method of the session that asks nobody.
func (d *desktop) call(method string, args ...any) error {
	if d.ended.Load() || d.closing.Load() {
		return ErrEnded
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	if err := d.portal.CallWithContext(ctx, method, 0, append([]any{d.session}, args...)...).Err; err != nil {
		if d.ended.Load() || d.closing.Load() {
			return ErrEnded
		}
		return err
	}
	return nil
}

// Events returns ClipboardChanged, StopPressed and Broken, the latter two when
// the desktop ends the session; see the package's comment for what is missing.
func (d *desktop) Events() <-chan device.Event { return d.events.Events() }

// StopKeys returns none: the desktop has a sign of its own to stop by.
func (d *desktop) StopKeys() string { return "" }

// System names the way for the helper's window.
func (d *desktop) System() string { return "Wayland (desktop portal)" }

// Show isn't possible.
func (d *desktop) Show([]device.Mark) (func(), error) { return nil, device.ErrUnsupported }

// Frame isn't possible, nor needed: the desktop shows a sign of its own.
func (d *desktop) Frame(image.Rectangle) error { return device.ErrUnsupported }

// Close ends the session; the desktop takes its sign away. What SetClipboard
// put on the clipboard goes with it.
func (d *desktop) Close() error {
	d.closed.Do(func() {
		d.closing.Store(true)
		close(d.done)
		d.end()
		<-d.watched
	})
	return nil
}

// end closes the session, if there is one, and the connection.
func (d *desktop) end() {
	if d.session != "" && !d.ended.Load() {
		ctx, cancel := context.WithTimeout(context.Background(), callTime)
		// A session that can't be closed ends with the connection.
		_ = d.conn.Object(portalName, d.session).CallWithContext(ctx, sessionPortal+".Close", 0).Err
		cancel()
	}
	_ = d.conn.Close()
}
