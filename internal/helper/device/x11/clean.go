package x11

import (
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"deskside/internal/control"
)

// Cleaner notes which keys the layout leaves unused, and returns what lets go
// of every key and button that is down, and gives those keys back: an X server
// keeps them as they are when the program is killed that pressed or lent them.
func Cleaner() (clean func() error, err error) {
	var spare []xproto.Keycode
	err = briefly(func(_ *Device, k *keyboard) error {
		spare = k.spare
		return nil
	})
	return func() error {
		return briefly(func(d *Device, k *keyboard) error {
			if err := letGo(d); err != nil {
				return err
			}
			return k.takeBack(spare)
		})
	}, err
}

// briefly does something with a connection that nobody listens to.
func briefly(do func(*Device, *keyboard) error) error {
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
	return do(d, k)
}

// letGo lets go of every key and button that is down.
func letGo(d *Device) error {
	held, err := xproto.QueryKeymap(d.x).Reply()
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
	pointer, err := xproto.QueryPointer(d.x, d.root).Reply()
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
	return nil
}

// takeBack gives back those of the spare keys that look lent. One that does not
// is the person's: they have set another layout since.
func (k *keyboard) takeBack(spare []xproto.Keycode) error {
	for _, code := range spare {
		if !looksLent(k.row(code)) {
			continue
		}
		if err := k.tell(code); err != nil {
			return err
		}
	}
	return nil
}

// looksLent says whether a key makes what tell has keys make, as the server
// keeps that: characters of Unicode, the same two in each group.
func looksLent(row []xproto.Keysym) bool {
	for i, sym := range row {
		if sym != row[i%2] && (i < 4 || sym != noSymbol) || sym != noSymbol && sym&^0x1fffff != unicodeSym {
			return false
		}
	}
	return row[0] != noSymbol
}
