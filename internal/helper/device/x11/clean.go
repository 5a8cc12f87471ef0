package x11

import (
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"deskside/internal/control"
)

// Clean lets go of every key and button that is down, and gives spare keys
// back: an X server keeps them as they are when the program is killed that
// pressed or lent them.
func Clean() error {
	x, err := connect(func([]byte) {})
	if err != nil {
		return err
	}
	defer x.Close()
	if err := xtest.Init(x); err != nil {
		return err
	}
	d := &Device{x: x, root: xproto.Setup(x).DefaultScreen(x).Root}
	k := &keyboard{x: x, root: d.root}
	if err := k.load(); err != nil {
		return err
	}
	held, err := xproto.QueryKeymap(x).Reply()
	if err != nil {
		return err
	}
	for code := range 256 {
		if held.Keys[code/8]&(1<<(code%8)) != 0 {
			if err := d.fake(xproto.KeyRelease, byte(code), 0, 0); err != nil {
				return err
			}
		}
	}
	pointer, err := xproto.QueryPointer(x, d.root).Reply()
	if err != nil {
		return err
	}
	for _, b := range []control.Button{control.Left, control.Middle, control.Right} { // the others have no mask
		if pointer.Mask&(xproto.KeyButMaskButton1<<(buttons[b]-1)) != 0 {
			if err := d.Button(b, false); err != nil {
				return err
			}
		}
	}
	return k.takeBack()
}

// takeBack gives back the keys that make one character of Unicode in every
// group and with every modifier: no layout has such.
func (k *keyboard) takeBack() error {
	for i := range len(k.syms) / k.per {
		row := k.syms[i*k.per : (i+1)*k.per]
		lent := row[0]&^0x1fffff == unicodeSym
		for _, s := range row {
			lent = lent && s == row[0]
		}
		if lent {
			if err := k.make(k.first+xproto.Keycode(i), 0); err != nil {
				return err
			}
		}
	}
	return nil
}
