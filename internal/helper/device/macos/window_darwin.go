package macos

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"sync"

	"github.com/ebitengine/purego/objc"

	"deskside/internal/helper/device"
)

// windows are those that a Device shows.
type windows struct {
	mu    sync.Mutex
	shown map[objc.ID]bool
	frame objc.ID
}

// What a window is like (NSWindowStyleMask…, NSWindowLevel and so on).
const (
	borderless     = 0
	buffered       = 2
	screenSaver    = 1000
	everywhere     = 1<<0 | 1<<4 | 1<<6 | 1<<8 // on all spaces, where it is, in no cycle, beside full screens
	frameThickness = 4.0
)

// Show shows marks, pixel by pixel as they are, until hide is called; Close
// hides them too.
func (m *mac) Show(marks []device.Mark) (hide func(), err error) {
	pictures := make([][]byte, len(marks))
	for i, mark := range marks {
		var b bytes.Buffer
		if err := png.Encode(&b, mark.Image); err != nil {
			return nil, err
		}
		pictures[i] = b.Bytes()
	}
	var own []objc.ID
	err = onMain(func() {
		for i, mark := range marks {
			area := image.Rectangle{Min: mark.At, Max: mark.At.Add(mark.Image.Bounds().Size())}
			window, layer := newWindow(area)
			data := nsData(pictures[i])
			picture := class("NSImage").Send(sel("alloc")).Send(sel("initWithData:"), data)
			layer.Send(sel("setContents:"), picture)
			// A display with more pixels than points mustn't blur them.
			sharp := nsString("nearest")
			layer.Send(sel("setMagnificationFilter:"), sharp)
			for _, id := range []objc.ID{data, picture, sharp} {
				id.Send(sel("release"))
			}
			m.windows.show(window)
			own = append(own, window)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("nothing can be shown: %w", err)
	}
	return func() { post(func() { m.windows.hide(own...) }) }, nil
}

// Frame shows a frame just within the edges of an area.
func (m *mac) Frame(area image.Rectangle) error {
	err := onMain(func() {
		m.windows.hide(m.windows.frame)
		m.windows.frame = 0
		if area.Empty() {
			return
		}
		window, layer := newWindow(area)
		layer.Send(sel("setBorderWidth:"), frameThickness)
		colour := class("NSColor").Send(sel("colorWithSRGBRed:green:blue:alpha:"), 0.86, 0.2, 0.13, 1.0)
		layer.Send(sel("setBorderColor:"), colour.Send(sel("CGColor")))
		m.windows.show(window)
		m.windows.frame = window
	})
	if err != nil {
		return fmt.Errorf("no frame can be shown: %w", err)
	}
	return nil
}

// newWindow makes a transparent window that takes no click and no focus, above
// all else, and returns it with the layer to draw on. It has to be called on
// the main thread, as all that follows.
func newWindow(area image.Rectangle) (window, layer objc.ID) {
	x, y, w, h := flip(area, int(cgDisplayBounds(cgMainDisplayID()).H))
	window = class("NSWindow").Send(sel("alloc")).Send(sel("initWithContentRect:styleMask:backing:defer:"),
		rect{X: x, Y: y, W: w, H: h}, uint(borderless), uint(buffered), false)
	window.Send(sel("setReleasedWhenClosed:"), false)
	window.Send(sel("setOpaque:"), false)
	window.Send(sel("setHasShadow:"), false)
	window.Send(sel("setBackgroundColor:"), class("NSColor").Send(sel("clearColor")))
	window.Send(sel("setIgnoresMouseEvents:"), true)
	window.Send(sel("setLevel:"), screenSaver)
	window.Send(sel("setCollectionBehavior:"), uint(everywhere))
	layer = class("CALayer").Send(sel("layer"))
	layer.Send(sel("setFrame:"), rect{W: w, H: h})
	// Given before it is wanted, the layer is left to whoever draws on it.
	view := window.Send(sel("contentView"))
	view.Send(sel("setLayer:"), layer)
	view.Send(sel("setWantsLayer:"), true)
	return window, layer
}

func (w *windows) show(window objc.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shown == nil {
		w.shown = make(map[objc.ID]bool)
	}
	w.shown[window] = true
	window.Send(sel("orderFrontRegardless"))
}

// hide takes windows away that are shown.
func (w *windows) hide(windows ...objc.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, window := range windows {
		if w.shown[window] {
			delete(w.shown, window)
			window.Send(sel("close"))
			window.Send(sel("release"))
		}
	}
}

// close takes all windows away.
func (w *windows) close() {
	// Where the main thread serves nobody, there are none.
	_ = onMain(func() {
		w.mu.Lock()
		var all []objc.ID
		for window := range w.shown {
			all = append(all, window)
		}
		w.mu.Unlock()
		w.hide(all...)
	})
}
