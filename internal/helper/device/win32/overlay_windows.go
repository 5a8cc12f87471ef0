package win32

import (
	"errors"
	"image"
	"sync"
	"unsafe"

	"deskside/internal/helper/device"
)

const (
	showNoActivate = 4          // SW_SHOWNOACTIVATE
	layeredAlpha   = 2          // ULW_ALPHA
	blendOver      = 0x01ff0000 // a BLENDFUNCTION: AC_SRC_OVER, 255, AC_SRC_ALPHA
)

// A bitmapHeader is a BITMAPINFOHEADER.
type bitmapHeader struct {
	size          uint32
	width, height int32
	planes, bits  uint16
	_             [6]uint32
}

// Show shows marks, which screen capture sees as it sees everything. What
// Windows puts above topmost windows covers them: the Start menu, its
// notifications, and the task manager if it is set to be on top.
func (c *computer) Show(marks []device.Mark) (hide func(), err error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	var shown []uintptr
	if doErr := c.desk.do(func() {
		for _, mark := range marks {
			if err == nil {
				shown, err = showPicture(shown, mark.At, mark.Image)
			}
		}
		if err != nil {
			destroy(shown)
		}
	}); doErr != nil || err != nil {
		return nil, errors.Join(doErr, err)
	}
	var once sync.Once
	return func() {
		once.Do(func() { _ = c.desk.do(func() { destroy(shown) }) }) // else they are gone with the thread
	}, nil
}

// Frame shows a frame that captures show too. The new one is there before the
// old one goes.
func (c *computer) Frame(area image.Rectangle) (err error) {
	if err := c.usable(); err != nil {
		return err
	}
	doErr := c.desk.do(func() {
		var shown []uintptr
		for _, bar := range bars(area) {
			if err == nil && !bar.Empty() {
				shown, err = showPicture(shown, bar.Min, plain(bar.Size(), frameColour))
			}
		}
		if err != nil {
			destroy(shown)
			return
		}
		destroy(c.frame)
		c.frame = shown
	})
	return errors.Join(doErr, err)
}

// showPicture appends a window that shows a picture, above the others, and lets
// the mouse through.
func showPicture(windows []uintptr, at image.Point, img *image.Paletted) ([]uintptr, error) {
	if img.Rect.Empty() {
		return windows, nil
	}
	window, err := createWindow(styleLayered | styleThrough | styleTopmost | styleTool | styleNoActivate)
	if err != nil {
		return windows, err
	}
	windows = append(windows, window)
	if err := paint(window, at, img); err != nil {
		return windows, err
	}
	_, _, _ = procShowWindow.Call(window, showNoActivate) // says only whether it was shown before
	return windows, nil
}

// paint gives a layered window its place, size and picture.
func paint(window uintptr, at image.Point, img *image.Paletted) error {
	dc, _, err := procCreateCompatibleDC.Call(0)
	if err := failed(dc, 0, err); err != nil {
		return err
	}
	defer func() { _, _, _ = procDeleteDC.Call(dc) }()
	size := img.Rect.Size()
	header := &bitmapHeader{width: int32(size.X), height: -int32(size.Y), planes: 1, bits: 32} // top-down
	header.size = uint32(unsafe.Sizeof(*header))
	bits := new(uintptr)
	bitmap, _, err := procCreateDIBSection.Call(dc, uintptr(unsafe.Pointer(header)), 0, uintptr(unsafe.Pointer(bits)), 0, 0)
	if err := failed(bitmap, 0, err); err != nil {
		return err
	}
	defer func() { _, _, _ = procDeleteObject.Call(bitmap) }()
	copy(memory(*bits, 4*size.X*size.Y), layered(img))
	before, _, err := procSelectObject.Call(dc, bitmap)
	if err := failed(before, 0, err); err != nil {
		return err
	}
	defer func() { _, _, _ = procSelectObject.Call(dc, before) }()
	to, extent, from, blend := pointOf(at), pointOf(size), point{}, uint32(blendOver)
	return failed(procUpdateLayeredWindow.Call(window, 0, uintptr(unsafe.Pointer(&to)), uintptr(unsafe.Pointer(&extent)),
		dc, uintptr(unsafe.Pointer(&from)), 0, uintptr(unsafe.Pointer(&blend)), layeredAlpha))
}

func destroy(windows []uintptr) {
	for _, window := range windows {
		_, _, _ = procDestroyWindow.Call(window)
	}
}
