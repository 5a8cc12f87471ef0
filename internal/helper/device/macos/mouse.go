package macos

import (
	"fmt"
	"image"
	"slices"
	"time"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// notch is how many pixels a notch of the wheel scrolls: about three lines of
// text, as elsewhere. Posted events aren't accelerated.
const notch = 60

// near is how far a pointer may move, in points, between the clicks of a double
// click.
const near = 4

// mouse composes the events of pointer, buttons and wheels.
type mouse struct {
	down  []control.Button // in the order of pressing
	click struct {
		button control.Button
		at     image.Point
		when   time.Time
		count  int64
	}
	// What of a pixel was left over, in 120ths of a notch times notch.
	restRight, restDown int
}

// buttons are their numbers in Quartz.
var buttons = map[control.Button]uint32{
	control.Left: 0, control.Right: 1, control.Middle: 2, control.Back: 3, control.Forward: 4,
}

// move composes a move, or a drag while a button is down: of the one that has
// been down for longest.
func (m *mouse) move(from, to image.Point, flags uint64) event {
	e := event{kind: moved, at: to, moved: to.Sub(from), flags: flags}
	if len(m.down) == 0 {
		return e
	}
	e.button = buttons[m.down[0]]
	e.clicks = m.click.count
	switch m.down[0] {
	case control.Left:
		e.kind = leftDragged
	case control.Right:
		e.kind = rightDragged
	default:
		e.kind = otherDragged
	}
	return e
}

// press composes the pressing or releasing of a button at a place. A click
// counts as another one of the last if it comes within the given time of it, in
// about the same place.
func (m *mouse) press(b control.Button, down bool, at image.Point, flags uint64, now time.Time, within time.Duration) (event, error) {
	number, ok := buttons[b]
	if !ok {
		return event{}, fmt.Errorf("button %d: %w", b, device.ErrUnsupported)
	}
	pressed, released := otherDown, otherUp
	switch b {
	case control.Left:
		pressed, released = leftDown, leftUp
	case control.Right:
		pressed, released = rightDown, rightUp
	}
	e := event{kind: released, at: at, button: number, flags: flags}
	m.down = slices.DeleteFunc(m.down, func(d control.Button) bool { return d == b })
	if down {
		m.down = append(m.down, b)
		e.kind = pressed
		m.count(b, at, now, within)
	}
	e.clicks = 1
	if m.click.button == b && m.click.count > 0 {
		e.clicks = m.click.count
	}
	return e, nil
}

// count counts a click.
func (m *mouse) count(b control.Button, at image.Point, now time.Time, within time.Duration) {
	off := at.Sub(m.click.at)
	again := m.click.count > 0 && m.click.button == b && now.Sub(m.click.when) <= within &&
		max(off.X, -off.X) <= near && max(off.Y, -off.Y) <= near
	if !again {
		m.click.count = 0
	}
	m.click.button, m.click.at, m.click.when = b, at, now
	m.click.count++
}

// wheel composes a turn of the wheels, given in 120ths of a notch; it isn't ok
// where that is less than a pixel, which is added to the next turn.
func (m *mouse) wheel(right, down int, flags uint64) (e event, ok bool) {
	m.restRight += right * notch
	m.restDown += down * notch
	x, y := m.restRight/120, m.restDown/120
	m.restRight -= x * 120
	m.restDown -= y * 120
	return event{kind: scrolled, left: int32(-x), up: int32(-y), flags: flags}, x != 0 || y != 0
}
