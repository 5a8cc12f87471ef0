package x11

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// XInput2 tells which device every movement comes from: that of the person's
// mouse, or the server's own for what XTEST makes. Of its protocol (XI2proto.h)
// this has what that takes.

const (
	xiSelectEvents = 46
	xiQueryVersion = 47
	xiQueryDevice  = 48

	allDevices       = 0
	allMasterDevices = 1

	rawKeyPress    = 13
	rawButtonPress = 15
	rawMotion      = 17
)

var le = binary.LittleEndian

// An xinput is the extension on one connection.
type xinput struct {
	x      *xgb.Conn
	opcode byte
}

func newXInput(x *xgb.Conn) (*xinput, error) {
	const name = "XInputExtension"
	found, err := xproto.QueryExtension(x, uint16(len(name)), name).Reply()
	if err != nil {
		return nil, err
	}
	if !found.Present {
		return nil, errors.New("the X server has no XInput2")
	}
	xi := &xinput{x, found.MajorOpcode}
	answer, err := xi.ask(xiQueryVersion, le.AppendUint16(le.AppendUint16(nil, 2), 2))
	if err != nil {
		return nil, err
	}
	if major, minor := le.Uint16(answer[8:]), le.Uint16(answer[10:]); major < 2 || major == 2 && minor < 1 {
		return nil, fmt.Errorf("the X server has XInput %d.%d; 2.1 tells of the mouse whatever grabs it", major, minor)
	}
	return xi, nil
}

func (xi *xinput) request(minor byte, body []byte) []byte {
	b := []byte{xi.opcode, minor, 0, 0}
	le.PutUint16(b[2:], uint16(1+len(body)/4))
	return append(b, body...)
}

func (xi *xinput) ask(minor byte, body []byte) ([]byte, error) {
	cookie := xi.x.NewCookie(true, true)
	xi.x.NewRequest(xi.request(minor, body), cookie)
	return cookie.Reply()
}

// watch makes the server tell of every movement, button and key of every
// mouse and keyboard, by generic events.
func (xi *xinput) watch(root xproto.Window) error {
	b := le.AppendUint32(nil, uint32(root))
	b = le.AppendUint16(b, 1) // one mask
	b = le.AppendUint16(b, 0)
	b = le.AppendUint16(b, allMasterDevices)
	b = le.AppendUint16(b, 1) // of one word
	b = le.AppendUint32(b, 1<<rawKeyPress|1<<rawButtonPress|1<<rawMotion)
	cookie := xi.x.NewCookie(true, false)
	xi.x.NewRequest(xi.request(xiSelectEvents, b), cookie)
	return cookie.Check()
}

// device returns the number of the device with the name.
func (xi *xinput) device(name string) (uint16, error) {
	b, err := xi.ask(xiQueryDevice, le.AppendUint32(nil, allDevices))
	if err != nil {
		return 0, err
	}
	n := int(le.Uint16(b[8:]))
	b = b[32:]
	for range n {
		if len(b) < 12 {
			break
		}
		id, classes, length := le.Uint16(b), int(le.Uint16(b[6:])), int(le.Uint16(b[8:]))
		b = b[12:]
		if len(b) < (length+3)&^3 {
			break
		}
		if string(b[:length]) == name {
			return id, nil
		}
		b = b[(length+3)&^3:]
		for range classes {
			if len(b) < 4 || len(b) < 4*int(le.Uint16(b[2:])) {
				break
			}
			b = b[4*int(le.Uint16(b[2:])):]
		}
	}
	return 0, fmt.Errorf("the X server has no device %q", name)
}

// raw returns which device a generic event of XInput2's comes from; false
// where it is another event.
func (xi *xinput) raw(event []byte) (source uint16, ok bool) {
	if event[1] != xi.opcode || len(event) < 22 {
		return 0, false
	}
	switch le.Uint16(event[8:]) {
	case rawKeyPress, rawButtonPress, rawMotion:
		return le.Uint16(event[20:]), true
	}
	return 0, false
}
