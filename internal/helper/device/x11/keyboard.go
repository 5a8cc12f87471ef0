package x11

import (
	"maps"
	"slices"
	"sync"
	"time"
	"unicode"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"deskside/internal/control"
	"deskside/internal/helper/device"
	"deskside/internal/helper/device/evdev"
)

const (
	// learn is how long programs get to learn that an unused key makes a
	// character now, and relearn that it makes another one; digest is how long
	// they get to read the last one that it made. Browsers read the new layout on
	// the side, and a busy one reads a key press late. A text that needs more
	// characters than there are keys waits for digest anyway.
	learn   = 100 * time.Millisecond
	relearn = 300 * time.Millisecond
	digest  = time.Second
	// unicodeSym plus a character is its keysym (X11 protocol, appendix A).
	unicodeSym = 0x01000000
	noSymbol   = 0
)

// A spot is where a key makes a character: plain, or with Shift.
type spot struct {
	code    xproto.Keycode
	shifted bool
}

// A keyboard presses keys, and types characters: those that the layout has by
// its keys, others by keys that the layout leaves unused, which get two each for
// a while. Every program on the screen reads the whole layout anew for each key
// that gets others, window managers slowly: the fewer the better.
type keyboard struct {
	x    *xgb.Conn
	root xproto.Window
	down map[control.Key]xproto.Keycode // what is held down, by what was asked for

	mu      sync.Mutex // guards what follows, which the server may change
	first   xproto.Keycode
	per     int // keysyms of each keycode
	syms    []xproto.Keysym
	stale   bool // somebody else changed what keys make since syms were read
	spare   []xproto.Keycode
	lent    map[rune]spot                // characters that spare keys make now
	lending int                          // changes of ours that the server has not told of yet
	used    map[xproto.Keycode]time.Time // when each lent key was pressed last
	known   time.Time                    // when programs know what all of them make
}

// load reads what each key makes. A layout that somebody set since has taken the
// keys back that were lent: what they make now is the person's.
func (k *keyboard) load() error {
	k.mu.Lock()
	k.stale = false // first, so that a change meanwhile is not overlooked
	k.mu.Unlock()
	s := xproto.Setup(k.x)
	count := int(s.MaxKeycode) - int(s.MinKeycode) + 1
	r, err := xproto.GetKeyboardMapping(k.x, s.MinKeycode, byte(count)).Reply()
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.first, k.per, k.syms = s.MinKeycode, int(r.KeysymsPerKeycode), r.Keysyms
	if k.lent == nil {
		k.lent, k.used = make(map[rune]spot), make(map[xproto.Keycode]time.Time)
	}
	maps.DeleteFunc(k.lent, func(r rune, s spot) bool { return k.sym(s.code, 0, s.shifted) != unicodeSym|xproto.Keysym(r) })
	k.spare = nil
	for i := range count {
		code := k.first + xproto.Keycode(i)
		if !slices.ContainsFunc(k.row(code), func(s xproto.Keysym) bool { return s != noSymbol }) || k.lends(code) {
			k.spare = append(k.spare, code)
		}
	}
	return nil
}

// renew reads the layout again where somebody changed it.
func (k *keyboard) renew() error {
	k.mu.Lock()
	stale := k.stale
	k.mu.Unlock()
	if !stale {
		return nil
	}
	return k.load()
}

// changed is told when somebody changed what keys make.
func (k *keyboard) changed(e xproto.MappingNotifyEvent) {
	if e.Request != xproto.MappingKeyboard {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.lending > 0 && e.Count == 1 && slices.Contains(k.spare, e.FirstKeycode) {
		k.lending--
		return
	}
	k.stale = true
}

// lends says whether a key makes characters that it was lent for.
func (k *keyboard) lends(code xproto.Keycode) bool {
	for _, s := range k.lent {
		if s.code == code {
			return true
		}
	}
	return false
}

// row is all that a key makes.
func (k *keyboard) row(code xproto.Keycode) []xproto.Keysym {
	return k.syms[int(code-k.first)*k.per:][:k.per]
}

// sym returns what a key makes in a group of the layout, plain or with Shift.
func (k *keyboard) sym(code xproto.Keycode, group int, shifted bool) xproto.Keysym {
	column := 2 * group
	if column+1 >= k.per {
		column = 0
	}
	row := k.row(code)
	if !shifted {
		return row[column]
	}
	if column+1 < k.per && row[column+1] != noSymbol {
		return row[column+1]
	}
	if upper := unicode.ToUpper(rune(row[column])); row[column] < 0x100 {
		return xproto.Keysym(upper) // a letter alone stands for both
	}
	return row[column]
}

// find returns the key that makes a character of ASCII, and whether with Shift.
// The keysyms of Latin-1 beyond it are lost on some programs that understand
// those of Unicode.
func (k *keyboard) find(r rune, group int) (code xproto.Keycode, shifted, ok bool) {
	if r < 0x20 || r > 0x7e {
		return 0, false, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, shifted := range []bool{false, true} {
		for i := range len(k.syms) / k.per {
			code := k.first + xproto.Keycode(i)
			if _, lent := k.lent[r]; !lent && k.sym(code, group, shifted) == xproto.Keysym(r) && !slices.Contains(k.spare, code) {
				return code, shifted, true
			}
		}
	}
	return 0, false, false
}

// state returns the group of the layout that is on, and the key that turns
// CapsLock off where it is on, or else 0.
func (k *keyboard) state() (group int, locked xproto.Keycode) {
	r, err := xproto.QueryPointer(k.x, k.root).Reply()
	if err != nil {
		return 0, 0
	}
	if r.Mask&xproto.ModMaskLock != 0 {
		if m, err := xproto.GetModifierMapping(k.x).Reply(); err == nil {
			locked = m.Keycodes[m.KeycodesPerModifier] // the first of the second modifier, which is Lock
		}
	}
	return int(r.Mask>>13) & 3, locked
}

// key presses or releases what a press stands for.
func (k *keyboard) key(d *Device, p device.Press) error {
	if !p.Down {
		code, ok := k.down[p.Key]
		if !ok {
			return nil
		}
		delete(k.down, p.Key)
		return d.fake(xproto.KeyRelease, byte(code), 0, 0)
	}
	number, ok := evdev.Code(p.Key)
	if !ok {
		return device.ErrUnsupported
	}
	if err := k.renew(); err != nil {
		return err
	}
	code := xproto.Keycode(number + 8)
	if p.Char != 0 {
		group, _ := k.state()
		if found, shifted, ok := k.find(unicode.ToLower(p.Char), group); ok && !shifted {
			code = found
		}
	}
	if k.reserved(p.Key, code) {
		return device.ErrReserved
	}
	k.down[p.Key] = code
	return d.fake(xproto.KeyPress, byte(code), 0, 0)
}

// reserved says whether the key completes Ctrl+Alt+End, which is the person's
// to stop with. The order is all the same, because a key that is held repeats;
// and the right Alt counts, which is Alt in layouts that have no AltGr.
func (k *keyboard) reserved(key control.Key, code xproto.Keycode) bool {
	down := maps.Clone(k.down)
	down[key] = code
	some := func(keys ...control.Key) bool {
		return slices.ContainsFunc(keys, func(key control.Key) bool { return down[key] != 0 })
	}
	return slices.Contains(slices.Collect(maps.Values(down)), endKeycode) &&
		some(control.KeyControlLeft, control.KeyControlRight) && some(control.KeyAltLeft, control.KeyAltRight)
}

// text types text, with what is held down lifted meanwhile, and CapsLock off. It
// never waits: whoever stops control is not to wait for it.
func (k *keyboard) text(d *Device, s string) error {
	if err := k.renew(); err != nil {
		return err
	}
	group, locked := k.state()
	runes, all := k.typable([]rune(s), group)
	n, err := k.lend(runes, group)
	if err != nil {
		return err
	}
	if err := k.typeRunes(d, runes[:n], group, locked); err != nil {
		return err
	}
	switch {
	case n < len(runes):
		return device.Later{Typed: n}
	case !all:
		return device.ErrUnsupported
	}
	return nil
}

// typable leaves out what can't be typed where no key is spare.
func (k *keyboard) typable(runes []rune, group int) (some []rune, all bool) {
	if len(k.spare) > 0 {
		return runes, true
	}
	some = slices.DeleteFunc(slices.Clone(runes), func(r rune) bool {
		_, _, ok := k.byLayout(r, group)
		return !ok
	})
	return some, len(some) == len(runes)
}

func (k *keyboard) typeRunes(d *Device, runes []rune, group int, locked xproto.Keycode) error {
	var lifted []xproto.Keycode
	for key, code := range k.down {
		if key.Modifier() {
			lifted = append(lifted, code)
		}
	}
	slices.Sort(lifted)
	if err := k.each(d, xproto.KeyRelease, lifted); err != nil {
		return err
	}
	if err := d.tap(locked); err != nil {
		return err
	}
	for _, r := range runes {
		if err := k.typeRune(d, r, group); err != nil {
			return err
		}
	}
	if err := d.tap(locked); err != nil {
		return err
	}
	return k.each(d, xproto.KeyPress, lifted)
}

func (k *keyboard) each(d *Device, kind byte, codes []xproto.Keycode) error {
	for _, code := range codes {
		if err := d.fake(kind, byte(code), 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// byLayout returns the key that types a character, where the layout has one
// that does so now.
func (k *keyboard) byLayout(r rune, group int) (code xproto.Keycode, shifted, ok bool) {
	switch r {
	case '\n', '\r':
		return 36, false, true
	case '\t':
		return 23, false, true
	}
	return k.find(r, group)
}

const shiftKeycode = 50

// tap presses and releases a key; 0 is none.
func (d *Device) tap(code xproto.Keycode) error {
	if code == 0 {
		return nil
	}
	if err := d.fake(xproto.KeyPress, byte(code), 0, 0); err != nil {
		return err
	}
	return d.fake(xproto.KeyRelease, byte(code), 0, 0)
}

func (k *keyboard) typeRune(d *Device, r rune, group int) error {
	code, shifted, ok := k.byLayout(r, group)
	if !ok {
		k.mu.Lock()
		code, shifted = k.lent[r].code, k.lent[r].shifted
		k.used[code] = time.Now()
		k.mu.Unlock()
	}
	if shifted {
		if err := d.fake(xproto.KeyPress, shiftKeycode, 0, 0); err != nil {
			return err
		}
	}
	err := d.tap(code)
	if shifted {
		if up := d.fake(xproto.KeyRelease, shiftKeycode, 0, 0); err == nil {
			err = up
		}
	}
	return err
}

// lend makes spare keys make the characters that the layout lacks, of as many
// of the text's first runes as there are spots for, and returns how many runes
// can be typed now. ErrLater while programs may not have read yet what the keys
// made before, or don't know what they make now.
func (k *keyboard) lend(runes []rune, group int) (int, error) {
	n, fresh, wanted := 0, []rune{}, make(map[rune]bool)
	for _, r := range runes {
		if _, _, ok := k.byLayout(r, group); !ok && !wanted[r] {
			if len(wanted) == 2*len(k.spare) {
				break
			}
			wanted[r] = true
			if _, ok := k.lent[r]; !ok {
				fresh = append(fresh, r)
			}
		}
		n++
	}
	if len(fresh) == 0 {
		if len(wanted) > 0 && time.Now().Before(k.known) {
			return 0, device.ErrLater
		}
		return n, nil
	}
	free := k.free(wanted)[:len(fresh)]
	last, pause := k.used[free[len(free)-1].code], learn
	if !last.IsZero() {
		pause = relearn
	}
	if time.Since(last) < digest {
		return 0, device.ErrLater
	}
	if err := k.give(fresh, free); err != nil {
		return 0, err
	}
	k.known = time.Now().Add(pause)
	return 0, device.ErrLater
}

// free returns the spots that make nothing that is wanted now, those of keys
// that were not used for the longest first.
func (k *keyboard) free(wanted map[rune]bool) []spot {
	taken := make(map[spot]bool)
	for r, s := range k.lent {
		taken[s] = wanted[r]
	}
	codes := slices.Clone(k.spare)
	slices.SortStableFunc(codes, func(a, b xproto.Keycode) int { return k.used[a].Compare(k.used[b]) })
	var free []spot
	for _, code := range codes {
		for _, s := range []spot{{code, false}, {code, true}} {
			if !taken[s] {
				free = append(free, s)
			}
		}
	}
	return free
}

// give makes spots make characters, in place of what they made.
func (k *keyboard) give(runes []rune, spots []spot) error {
	k.mu.Lock()
	maps.DeleteFunc(k.lent, func(_ rune, s spot) bool { return slices.Contains(spots, s) })
	var codes []xproto.Keycode
	for i, r := range runes {
		k.lent[r] = spots[i]
		codes = append(codes, spots[i].code)
	}
	k.mu.Unlock()
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		if err := k.tell(code); err != nil {
			return err
		}
	}
	return nil
}

// tell tells the server what a spare key makes, in every group of the layout; a
// character that is alone on its key is made with Shift as well.
func (k *keyboard) tell(code xproto.Keycode) error {
	k.mu.Lock()
	per := k.per
	k.lending++
	pair := [2]xproto.Keysym{noSymbol, noSymbol}
	for r, s := range k.lent {
		switch {
		case s.code != code:
		case s.shifted:
			pair[1] = unicodeSym | xproto.Keysym(r)
		default:
			pair[0] = unicodeSym | xproto.Keysym(r)
		}
	}
	k.mu.Unlock()
	if pair[0] == noSymbol {
		pair[0] = pair[1]
	} else if pair[1] == noSymbol {
		pair[1] = pair[0]
	}
	syms := slices.Repeat(pair[:], (per+1)/2)[:per]
	return xproto.ChangeKeyboardMappingChecked(k.x, 1, code, byte(per), syms).Check()
}

// restore gives the spare keys back, but those that somebody has taken since.
func (k *keyboard) restore() error {
	if err := k.load(); err != nil {
		return err
	}
	var codes []xproto.Keycode
	k.mu.Lock()
	for _, s := range k.lent {
		codes = append(codes, s.code)
	}
	k.mu.Unlock()
	slices.Sort(codes)
	var failed error
	for _, code := range slices.Compact(codes) {
		time.Sleep(time.Until(k.used[code].Add(digest)))
		k.mu.Lock()
		maps.DeleteFunc(k.lent, func(_ rune, s spot) bool { return s.code == code })
		k.mu.Unlock()
		if err := k.tell(code); err != nil {
			failed = err
		}
	}
	return failed
}
