package macos

import (
	"errors"
	"image"
	"math"
	"runtime"
)

// Fields of an event (CGEventField).
const (
	fieldClicks   = 1
	fieldDeltaX   = 4
	fieldDeltaY   = 5
	fieldRepeat   = 8
	fieldCode     = 9
	fieldUserData = 42
)

// Where events are posted, as if they came from the hardware, and where a tap
// listens.
const (
	hidTap     = 0
	sessionTap = 1
)

// ours marks the events that a Device has made ("deskside" in ASCII), so that
// a tap can tell them from the person's.
const ours = 0x6465736b73696465

var errNoEvent = errors.New("macOS made no event")

// newSource returns where a Device's events come from: one of its own, whose
// modifiers don't mix with those that the person holds.
func newSource() (uintptr, error) {
	const private = -1
	source := cgEventSourceCreate(private)
	if source == 0 {
		return 0, errNoEvent
	}
	cgEventSourceSetUserData(source, ours)
	// Otherwise the person's own mouse is deaf for a moment after each event.
	cgEventSourceSetSuppression(source, 0)
	return source, nil
}

// send makes an event and posts it.
func send(source uintptr, e event) error {
	var ref uintptr
	switch e.kind {
	case keyDown, keyUp, flagsChanged:
		ref = cgEventCreateKeyboard(source, e.code, e.kind != keyUp)
	case scrolled:
		const pixels, wheels = 0, 2
		ref = cgEventCreateScroll(source, pixels, wheels, e.up, e.left, 0)
	default:
		ref = cgEventCreateMouse(source, uint32(e.kind), point{X: float64(e.at.X), Y: float64(e.at.Y)}, e.button)
	}
	if ref == 0 {
		return errNoEvent
	}
	defer cfRelease(ref)
	switch {
	case e.kind == flagsChanged:
		cgEventSetType(ref, uint32(flagsChanged))
	case e.kind.mouse():
		cgEventSetField(ref, fieldClicks, e.clicks)
		// Games and 3D programs look only at these.
		cgEventSetField(ref, fieldDeltaX, int64(e.moved.X))
		cgEventSetField(ref, fieldDeltaY, int64(e.moved.Y))
	case e.repeat:
		cgEventSetField(ref, fieldRepeat, 1)
	}
	if len(e.text) > 0 {
		cgEventKeyboardSetUnicode(ref, uint(len(e.text)), &e.text[0])
		runtime.KeepAlive(e.text)
	}
	cgEventSetFlags(ref, e.flags)
	cgEventSetField(ref, fieldUserData, ours)
	cgEventPost(hidTap, ref)
	return nil
}

// pointerPlace returns where the pointer is.
func pointerPlace() image.Point {
	ref := cgEventCreate(0)
	if ref == 0 {
		return image.Point{}
	}
	defer cfRelease(ref)
	return placeOf(ref)
}

func placeOf(event uintptr) image.Point {
	at := cgEventGetLocation(event)
	return image.Pt(int(math.Floor(at.X)), int(math.Floor(at.Y)))
}
