// Package device says what the helper needs of the computer that it runs on.
// Each system has a package of its own below this one that provides it.
//
// A Device only carries out. What may be carried out, for whom and when, is
// decided in package helper, before a Device hears of it.
package device

import (
	"errors"
	"image"

	"deskside/internal/control"
)

// The errors that a Device gives besides those of its system.
var (
	// ErrElevated says that the window under the pointer, or the active one,
	// belongs to a program with more rights than the helper's (Windows UIPI).
	ErrElevated = errors.New("the window belongs to a program with administrator rights")
	// ErrReserved says that the system keeps this key or combination for itself.
	ErrReserved = errors.New("the system keeps this key for itself")
	// ErrUnsupported says that the system, or this desktop, offers no way.
	ErrUnsupported = errors.New("not possible on this system")
	// ErrLater says that nothing was done, and that the same can be done some
	// hundredths of a second later.
	ErrLater = errors.New("not just now")
	// ErrPermission says that the person has not allowed it in the system's
	// own settings yet (macOS: Accessibility).
	ErrPermission = errors.New("the system's settings don't allow it yet")
)

// A Later is ErrLater of a text whose first characters were typed already.
type Later struct {
	Typed int // characters
}

func (l Later) Error() string { return ErrLater.Error() }

// Is implements what [errors.Is] asks for.
func (l Later) Is(target error) bool { return target == ErrLater }

// A Monitor is a screen of the computer. Its place is in the pixels in which
// the system places the pointer, which may be scaled.
type Monitor struct {
	Name string // the system's, only to tell one from another
	Area image.Rectangle
}

// A Press is a key that goes down or up.
type Press struct {
	// Key is the physical key by its place.
	Key control.Key
	// Char, if not zero, is what the key makes on the agent's keyboard, without
	// Ctrl, Alt and the like. A key of this computer's layout that makes it by
	// itself is preferred to the one in the same place: Ctrl+Z stays Ctrl+Z
	// between a German and an American keyboard.
	Char rune
	Down bool
}

// Content is what a clipboard holds: text, or a picture.
type Content struct {
	Text string
	PNG  []byte // a picture; Text is empty then
}

// A Mark is a small picture that the helper shows at a place of a monitor for
// a moment, to prove which part of a shared picture is which part of the
// screen.
type Mark struct {
	At    image.Point // its left upper corner, in the pixels of Monitor.Area
	Image *image.Paletted
}

// An Event is what the computer, or the person at it, did by itself.
type Event int

// The events.
const (
	// Acted: the person moved the mouse, turned its wheel, pressed one of its
	// buttons or a key; never what the Device did itself.
	Acted Event = iota
	// StopPressed: the person pressed the keys that stop control for good.
	StopPressed
	// MonitorsChanged: Monitors may give something else now.
	MonitorsChanged
	// ClipboardChanged: the clipboard holds something that SetClipboard did
	// not put there.
	ClipboardChanged
	// Broken: the connection to the screen is gone; the Device does nothing
	// any more.
	Broken
)

// A Device is this computer's screen, pointer, keyboard and clipboard. Its
// methods may be called from one goroutine at a time, except Events and Close.
// None of them blocks for longer than it takes: some milliseconds, and a second
// for a clipboard of another program's.
type Device interface {
	// Monitors returns the screens, the main one first.
	Monitors() ([]Monitor, error)
	// Move puts the pointer on a place. A place outside all monitors is put on
	// the nearest edge.
	Move(at image.Point) error
	// Button presses or releases a button of the mouse where the pointer is.
	Button(b control.Button, down bool) error
	// Wheel turns the wheels, in 120ths of a notch, positive to the right and
	// down (as the W3C's WheelEvent has it). What the system can't do finely it
	// adds up.
	Wheel(right, down int) error
	// Key presses or releases a key. Releasing one releases what pressing it
	// pressed, whatever the layout is by then.
	Key(p Press) error
	// Text types text as if the layout had a key for each character: without
	// the modifiers that are held down, which are held down again after it. It
	// makes no use of the clipboard. A line feed is Enter, a tab is Tab.
	// ErrLater, or a Later, where programs have yet to learn what a key makes, or
	// to read what was typed before: the rest is asked for again. Where the layout
	// has no key to spare, ErrUnsupported after all that it has.
	Text(s string) error
	// Clipboard returns what the clipboard holds, up to most bytes; the zero
	// Content where it holds neither text nor a picture, or more than that.
	Clipboard(most int) (Content, error)
	// SetClipboard puts something on the clipboard.
	SetClipboard(c Content) error
	// Show shows the marks above everything else until hide is called. Marks
	// take no click and no focus.
	Show(marks []Mark) (hide func(), err error)
	// Frame shows a frame along the edges of an area, above everything else,
	// that takes no click; or takes it away, given the empty rectangle.
	Frame(area image.Rectangle) error
	// Events returns what happened by itself, the same channel each time. It is
	// closed by Close.
	Events() <-chan Event
	// StopKeys names the keys of StopPressed for people, such as
	// "Ctrl+Alt+End"; it is empty where the system leaves none free.
	StopKeys() string
	// System says what carries input out, such as "X11", for the helper's
	// window.
	System() string
	// Close takes down marks and frame, gives back what was changed in the
	// system (spare keys, key grabs), and ends the Device. Keys that are down
	// have to be released before.
	Close() error
}
