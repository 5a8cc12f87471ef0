package macos

import "image"

// kind is what an event says has happened (CGEventType).
type kind uint32

const (
	leftDown     kind = 1
	leftUp       kind = 2
	rightDown    kind = 3
	rightUp      kind = 4
	moved        kind = 5
	leftDragged  kind = 6
	rightDragged kind = 7
	keyDown      kind = 10
	keyUp        kind = 11
	flagsChanged kind = 12
	scrolled     kind = 22
	otherDown    kind = 25
	otherUp      kind = 26
	otherDragged kind = 27

	// What a tap is told when the system has switched it off.
	tapTimedOut kind = 0xfffffffe
	tapDisabled kind = 0xffffffff
)

// mouse says whether an event of this kind has a place that the pointer is on.
func (k kind) mouse() bool {
	return k >= leftDown && k <= rightDragged || k >= otherDown && k <= otherDragged
}

// event is a Quartz event before it is made: what its fields have to say.
type event struct {
	kind  kind
	flags uint64

	// Of the mouse.
	at     image.Point
	moved  image.Point // by how much
	button uint32      // CGMouseButton
	clicks int64       // 2 for a double click, and so on

	// Of the wheel, in pixels, in the Mac's sign: up and to the left.
	up, left int32

	// Of a key.
	code   uint16
	repeat bool
	text   []uint16 // instead of what the layout makes of the key
}
