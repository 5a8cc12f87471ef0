// Package x11test plays the person at a screen: with a mouse of their own,
// beside the one that the helper moves.
package x11test

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// Requests of XInput2 (XI2proto.h).
const (
	changeHierarchy  = 43
	setClientPointer = 44
	queryDevice      = 48
	addMaster        = 1
	removeMaster     = 2
	floating         = 2 // what becomes of the devices that the master had
)

var le = binary.LittleEndian

// A Person has a mouse and a keyboard at a screen.
type Person struct {
	x      *xgb.Conn
	root   xproto.Window
	opcode byte
	mouse  uint16 // their own; 0 for the screen's
}

// New brings a mouse and a keyboard along to a display.
func New(display, name string) (*Person, error) {
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		return nil, err
	}
	p := &Person{x: x, root: xproto.Setup(x).DefaultScreen(x).Root}
	if err := p.begin(name); err != nil {
		x.Close()
		return nil, err
	}
	return p, nil
}

// Core lets them use the screen's own mouse and keyboard.
func Core(display string) (*Person, error) {
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		return nil, err
	}
	if err := xtest.Init(x); err != nil {
		x.Close()
		return nil, err
	}
	return &Person{x: x, root: xproto.Setup(x).DefaultScreen(x).Root}, nil
}

func (p *Person) begin(name string) error {
	if err := xtest.Init(p.x); err != nil {
		return err
	}
	const extension = "XInputExtension"
	found, err := xproto.QueryExtension(p.x, uint16(len(extension)), extension).Reply()
	if err != nil {
		return err
	}
	p.opcode = found.MajorOpcode
	if _, err := p.ask(47, []byte{2, 0, 2, 0}); err != nil { // the version: 2.2
		return err
	}
	padded := name + strings.Repeat("\x00", (4-len(name)%4)%4)
	body := le.AppendUint16([]byte{1, 0, 0, 0}, addMaster) // one change
	body = le.AppendUint16(body, uint16(2+len(padded)/4))
	body = append(le.AppendUint16(body, uint16(len(name))), 1, 1)
	if err := p.tell(changeHierarchy, append(body, padded...)); err != nil {
		return fmt.Errorf("add a mouse: %w", err)
	}
	mouse, err := p.device(name + " pointer")
	if err != nil {
		return err
	}
	p.mouse = mouse
	body = le.AppendUint16(le.AppendUint32(nil, 0), mouse)
	return p.tell(setClientPointer, append(body, 0, 0))
}

func (p *Person) request(minor byte, body []byte) []byte {
	b := le.AppendUint16([]byte{p.opcode, minor}, uint16(1+len(body)/4))
	return append(b, body...)
}

func (p *Person) ask(minor byte, body []byte) ([]byte, error) {
	cookie := p.x.NewCookie(true, true)
	p.x.NewRequest(p.request(minor, body), cookie)
	return cookie.Reply()
}

func (p *Person) tell(minor byte, body []byte) error {
	cookie := p.x.NewCookie(true, false)
	p.x.NewRequest(p.request(minor, body), cookie)
	return cookie.Check()
}

func (p *Person) device(name string) (uint16, error) {
	b, err := p.ask(queryDevice, []byte{0, 0, 0, 0})
	if err != nil {
		return 0, err
	}
	n := int(le.Uint16(b[8:]))
	b = b[32:]
	for range n {
		id, classes, length := le.Uint16(b), int(le.Uint16(b[6:])), int(le.Uint16(b[8:]))
		if string(b[12:12+length]) == name {
			return id, nil
		}
		b = b[12+(length+3)&^3:]
		for range classes {
			b = b[4*int(le.Uint16(b[2:])):]
		}
	}
	return 0, fmt.Errorf("no device %q", name)
}

func (p *Person) fake(kind, detail byte, x, y int) error {
	return xtest.FakeInputChecked(p.x, kind, detail, 0, p.root, int16(x), int16(y), 0).Check()
}

// Move moves the person's own pointer.
func (p *Person) Move(x, y int) error { return p.fake(xproto.MotionNotify, 0, x, y) }

// Click presses and releases the left button of their mouse.
func (p *Person) Click() error {
	if err := p.fake(xproto.ButtonPress, 1, 0, 0); err != nil {
		return err
	}
	return p.fake(xproto.ButtonRelease, 1, 0, 0)
}

// Hold presses keys.
func (p *Person) Hold(keycodes ...byte) error {
	for _, code := range keycodes {
		if err := p.fake(xproto.KeyPress, code, 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// Press presses keys, the last first to be released.
func (p *Person) Press(keycodes ...byte) error {
	if err := p.Hold(keycodes...); err != nil {
		return err
	}
	for i := len(keycodes) - 1; i >= 0; i-- {
		if err := p.fake(xproto.KeyRelease, keycodes[i], 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// Held returns the keycodes and buttons that are down on the keyboard and the
// mouse that programs see first, which the helper's are.
func Held(display string) (held []string, err error) {
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	keys, err := xproto.QueryKeymap(x).Reply()
	if err != nil {
		return nil, err
	}
	for code := range 256 {
		if keys.Keys[code/8]&(1<<(code%8)) != 0 {
			held = append(held, fmt.Sprint("key", code))
		}
	}
	pointer, err := xproto.QueryPointer(x, xproto.Setup(x).DefaultScreen(x).Root).Reply()
	if err != nil {
		return nil, err
	}
	for button := 1; button <= 5; button++ {
		if pointer.Mask&(1<<(7+button)) != 0 {
			held = append(held, fmt.Sprint("button", button))
		}
	}
	return held, nil
}

// Pointer returns where the pointer is that programs see first.
func Pointer(display string) (x, y int, err error) {
	c, err := xgb.NewConnDisplay(display)
	if err != nil {
		return 0, 0, err
	}
	defer c.Close()
	p, err := xproto.QueryPointer(c, xproto.Setup(c).DefaultScreen(c).Root).Reply()
	if err != nil {
		return 0, 0, err
	}
	return int(p.RootX), int(p.RootY), nil
}

// Close takes mouse and keyboard away.
func (p *Person) Close() {
	if p.mouse != 0 {
		body := le.AppendUint16([]byte{1, 0, 0, 0}, removeMaster)
		body = le.AppendUint16(le.AppendUint16(body, 3), p.mouse)
		_ = p.tell(changeHierarchy, append(body, floating, 0, 0, 0, 0, 0)) // a screen that ends takes them along
	}
	p.x.Close()
}
