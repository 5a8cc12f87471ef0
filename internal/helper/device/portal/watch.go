//go:build linux

package portal

import (
	"github.com/godbus/dbus/v5"

	"deskside/internal/helper/device"
)

// watch takes the portal's signals until the connection ends.
func (d *desktop) watch() {
	defer close(d.watched)
	defer d.events.Close()
	for s := range d.signals {
		if d.gone(s) {
			d.ended.Store(true)
			// A portal that crashed is no person pressing stop.
			d.stop(s.Name == sessionPortal+".Closed")
			return
		}
		d.clipboardSignal(s)
	}
	if !d.closing.Load() {
		d.ended.Store(true)
		d.stop(false)
	}
}

// stop says that the session has ended.
func (d *desktop) stop(person bool) {
	if person {
		d.events.Announce(device.StopPressed)
	}
	d.events.Announce(device.Broken)
	for range d.signals {
	}
	// Events stays open until Close, even where the bus itself has gone.
	<-d.done
}

// gone says whether a signal means the end of the session: the desktop closed
// it, or the portal has left the bus. The names of senders are the bus's, so
// that no other program ends a session by pretending.
func (d *desktop) gone(s *dbus.Signal) bool {
	switch s.Name {
	case sessionPortal + ".Closed":
		return s.Sender == d.owner && s.Path == d.session
	case "org.freedesktop.DBus.NameOwnerChanged":
		var name, before, after string
		return s.Sender == "org.freedesktop.DBus" && dbus.Store(s.Body, &name, &before, &after) == nil &&
			name == portalName && before == d.owner
	}
	return false
}
