package x11

import (
	"image"
	"sync"
	"time"

	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"

	"deskside/internal/helper/device"
)

const (
	frameColour = 0xd6341c // seen on light and dark
	frameWidth  = 5        // pixels
	// raiseEvery is how often the frame is put above windows that came later.
	raiseEvery = 500 * time.Millisecond
)

// An overlay shows windows above all others that take no click.
type overlay struct {
	d     *Device
	mu    sync.Mutex // guards what follows
	marks map[xproto.Window]bool
	edges []xproto.Window
	stop  chan struct{} // ends the raising of the edges
}

// window makes one, and lets draw fill it before it is seen.
func (o *overlay) window(at image.Rectangle, colour uint32, draw func(xproto.Window) error) (xproto.Window, error) {
	x := o.d.x
	w, err := xproto.NewWindowId(x)
	if err != nil {
		return 0, err
	}
	err = xproto.CreateWindowChecked(x, o.d.screen.RootDepth, w, o.d.root, int16(at.Min.X), int16(at.Min.Y), uint16(at.Dx()), uint16(at.Dy()), 0,
		xproto.WindowClassInputOutput, o.d.screen.RootVisual, xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{colour, 1}).Check()
	if err != nil {
		return 0, err
	}
	// Clicks fall through where the shape for input is empty.
	shape.Rectangles(x, shape.SoSet, shape.SkInput, xproto.ClipOrderingUnsorted, w, 0, 0, nil)
	if err := xproto.MapWindowChecked(x, w).Check(); err != nil {
		return 0, err
	}
	if draw != nil {
		err = draw(w)
	}
	return w, err
}

// show shows marks.
func (o *overlay) show(marks []device.Mark) (hide func(), err error) {
	var shown []xproto.Window
	hide = func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, w := range shown {
			if o.marks[w] {
				delete(o.marks, w)
				_ = xproto.DestroyWindowChecked(o.d.x, w).Check()
			}
		}
	}
	for _, m := range marks {
		w, err := o.window(m.Image.Bounds().Sub(m.Image.Bounds().Min).Add(m.At), 0, func(w xproto.Window) error { return o.paint(w, m.Image) })
		if err != nil {
			hide()
			return nil, err
		}
		shown = append(shown, w)
		o.mu.Lock()
		o.marks[w] = true
		o.mu.Unlock()
	}
	return hide, nil
}

// paint puts a picture into a window, in four bytes a pixel as all servers of
// today have them.
func (o *overlay) paint(w xproto.Window, m *image.Paletted) error {
	gc, err := xproto.NewGcontextId(o.d.x)
	if err != nil {
		return err
	}
	xproto.CreateGC(o.d.x, gc, xproto.Drawable(w), 0, nil)
	defer xproto.FreeGC(o.d.x, gc)
	b := m.Bounds()
	pixels := make([]byte, 0, 4*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			red, green, blue, _ := m.At(x, y).RGBA()
			pixels = append(pixels, byte(blue>>8), byte(green>>8), byte(red>>8), 0)
		}
	}
	return xproto.PutImageChecked(o.d.x, xproto.ImageFormatZPixmap, xproto.Drawable(w), gc,
		uint16(b.Dx()), uint16(b.Dy()), 0, 0, 0, o.d.screen.RootDepth, pixels).Check()
}

// frame shows a frame around an area, or none.
func (o *overlay) frame(area image.Rectangle) error {
	o.unframe()
	if area.Empty() {
		return nil
	}
	inner := area.Inset(frameWidth)
	var edges []xproto.Window
	for _, edge := range []image.Rectangle{
		image.Rect(area.Min.X, area.Min.Y, area.Max.X, inner.Min.Y), image.Rect(area.Min.X, inner.Max.Y, area.Max.X, area.Max.Y),
		image.Rect(area.Min.X, inner.Min.Y, inner.Min.X, inner.Max.Y), image.Rect(inner.Max.X, inner.Min.Y, area.Max.X, inner.Max.Y),
	} {
		w, err := o.window(edge, frameColour, nil)
		if err != nil {
			return err
		}
		edges = append(edges, w)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.edges, o.stop = edges, make(chan struct{})
	go o.raise(edges, o.stop)
	return nil
}

func (o *overlay) raise(edges []xproto.Window, stop <-chan struct{}) {
	tick := time.NewTicker(raiseEvery)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			for _, w := range edges {
				xproto.ConfigureWindow(o.d.x, w, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
			}
		}
	}
}

func (o *overlay) unframe() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stop != nil {
		close(o.stop)
		o.stop = nil
	}
	for _, w := range o.edges {
		_ = xproto.DestroyWindowChecked(o.d.x, w).Check()
	}
	o.edges = nil
}

func (o *overlay) close() { o.unframe() }
