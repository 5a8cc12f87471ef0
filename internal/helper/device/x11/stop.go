package x11

import (
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// The keycodes of the keys that stop: xev names them so everywhere.
const endKeycode = 115

// stopKeys are Ctrl+Alt+End, heard on a connection of their own: from the press
// on, and as long as they are held, XTEST acts for the client that has grabbed
// them on the keyboard that they were pressed on, which may be the person's own.
// What is then let go of would stay down on ours.
type stopKeys struct {
	x    *xgb.Conn
	ours bool
}

// hearStop calls pressed each time that the keys are. Another program may have
// them already; then they are not ours to have.
func hearStop(pressed func()) (*stopKeys, error) {
	x, err := connect(func([]byte) {})
	if err != nil {
		return nil, err
	}
	s := &stopKeys{x, true}
	root := xproto.Setup(x).DefaultScreen(x).Root
	for _, locks := range []uint16{0, xproto.ModMaskLock, xproto.ModMask2, xproto.ModMaskLock | xproto.ModMask2} {
		err := xproto.GrabKeyChecked(x, true, root, xproto.ModMaskControl|xproto.ModMask1|locks, endKeycode, xproto.GrabModeAsync, xproto.GrabModeAsync).Check()
		s.ours = s.ours && err == nil
	}
	go s.listen(pressed)
	return s, nil
}

// listen hears the keys until the connection ends.
func (s *stopKeys) listen(pressed func()) {
	for {
		event, err := s.x.WaitForEvent()
		if event == nil && err == nil {
			return
		}
		if e, ok := event.(xproto.KeyPressEvent); ok && e.Detail == endKeycode {
			pressed()
		}
	}
}
