package win32

import (
	"errors"
	"os"
	"runtime"
	"time"
	"unsafe"

	"deskside/internal/helper/device"
)

const (
	formatDIB  = 8  // CF_DIB
	formatText = 13 // CF_UNICODETEXT

	globalMoveable = 2 // GMEM_MOVEABLE

	// patience is how long a call waits for a clipboard that another program
	// holds open, or whose owner has yet to make what it offers.
	patience = time.Second
)

// errBusy says that another program didn't let go of the clipboard.
var errBusy = errors.New("another program holds the clipboard")

// A clipboard is that of the session.
type clipboard struct {
	owner uintptr       // the window in whose name it is filled
	png   uintptr       // the format that programs with transparency use
	turn  chan struct{} // 1 deep: held by whoever uses the clipboard
	own   uint32        // its sequence number after our last filling; goes with turn
}

func newClipboard(owner uintptr) (*clipboard, error) {
	format, _, err := procRegisterClipboardFormat.Call(uintptr(unsafe.Pointer(wide("PNG"))))
	return &clipboard{owner: owner, png: format, turn: make(chan struct{}, 1)}, failed(format, 0, err)
}

// Clipboard prefers text to a picture, since programs that copy text often add
// a picture of it.
func (c *computer) Clipboard(most int) (device.Content, error) {
	if err := c.usable(); err != nil {
		return device.Content{}, err
	}
	type copied struct {
		text     string
		png, dib []byte
	}
	read := make(chan copied, 1) // filled late, perhaps, when nobody waits any more
	err := c.clipboard.use(func() error {
		var got copied
		var err error
		if available(formatText) {
			err = data(formatText, func(d []byte) {
				got.text = clipText(unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(d))), len(d)/2), most)
			})
			read <- got
			return err
		}
		if available(c.clipboard.png) {
			err = data(c.clipboard.png, func(d []byte) {
				if file, ok := trimPNG(d[:min(len(d), most)]); ok {
					got.png = append([]byte(nil), file...)
				}
			})
		}
		if got.png == nil && available(formatDIB) {
			err = data(formatDIB, func(d []byte) {
				if len(d) <= dibHeaderV5+4*mostPixels {
					got.dib = append([]byte(nil), d...)
				}
			})
		}
		read <- got
		return err
	})
	if err != nil {
		return device.Content{}, err
	}
	got := <-read
	if got.dib != nil { // converted only now, since others wait for the clipboard
		file, err := pngOfDIB(got.dib)
		if err != nil || len(file) > most {
			return device.Content{}, nil // it can't be read, or is too much
		}
		got.png = file
	}
	return device.Content{Text: got.text, PNG: got.png}, nil
}

func (c *computer) SetClipboard(content device.Content) error {
	if err := c.usable(); err != nil {
		return err
	}
	type part struct {
		format uintptr
		data   []byte
	}
	var parts []part
	if content.PNG != nil {
		dib, err := dibOfPNG(content.PNG)
		if err != nil {
			return err
		}
		parts = []part{{c.clipboard.png, content.PNG}, {formatDIB, dib}}
	} else {
		units := clipUnits(content.Text)
		parts = []part{{formatText, unsafe.Slice((*byte)(unsafe.Pointer(&units[0])), 2*len(units))}}
	}
	return c.clipboard.fill(func() error {
		for _, p := range parts {
			if err := setData(p.format, p.data); err != nil {
				return err
			}
		}
		return nil
	})
}

// use calls f while the clipboard is open. If it takes too long, use returns
// errBusy while f still waits: its results are to be left alone then.
func (c *clipboard) use(f func() error) error { return c.take(f, func() {}) }

// fill empties the clipboard before it calls f, and notes it as our own.
func (c *clipboard) fill(f func() error) error {
	return c.take(func() error {
		if err := failed(procEmptyClipboard.Call()); err != nil {
			return err
		}
		return f()
	}, func() { c.own = sequence() })
}

func (c *clipboard) take(f func() error, closed func()) error {
	late := time.After(patience)
	select {
	case c.turn <- struct{}{}:
	case <-late:
		return errBusy
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the clipboard is open for one thread
		defer runtime.UnlockOSThread()
		defer func() { <-c.turn }()
		done <- c.whileOpen(f, closed)
	}()
	select {
	case err := <-done:
		return err
	case <-late:
		return errBusy
	}
}

func (c *clipboard) whileOpen(f func() error, closed func()) error {
	for start := time.Now(); failed(procOpenClipboard.Call(c.owner)) != nil; {
		if time.Since(start) > patience-100*time.Millisecond { // before take gives up
			return errBusy
		}
		time.Sleep(10 * time.Millisecond)
	}
	err := f()
	_, _, _ = procCloseClipboard.Call()
	closed()
	return err
}

// foreign says whether the clipboard holds something that fill didn't put
// there.
func (c *clipboard) foreign() bool {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
		return sequence() != c.own
	case <-time.After(2 * patience):
		return true // who holds it open so long isn't us
	}
}

func sequence() uint32 {
	number, _, _ := procGetClipboardSequenceNumber.Call()
	return uint32(number)
}

func available(format uintptr) bool {
	is, _, _ := procIsClipboardFormatAvailable.Call(format)
	return is != 0
}

// data calls f with what the open clipboard has in a format.
func data(format uintptr, f func([]byte)) error {
	handle, _, err := procGetClipboardData.Call(format)
	if err := failed(handle, 0, err); err != nil {
		return err
	}
	size, _, _ := procGlobalSize.Call(handle)
	address, _, err := procGlobalLock.Call(handle)
	if err := failed(address, 0, err); err != nil {
		return err
	}
	defer func() { _, _, _ = procGlobalUnlock.Call(handle) }()
	f(memory(address, int(size)))
	return nil
}

// setData gives the open clipboard a copy of data. It is the clipboard's own
// from then on.
func setData(format uintptr, data []byte) error {
	if len(data) == 0 {
		return os.ErrInvalid
	}
	handle, _, err := procGlobalAlloc.Call(globalMoveable, uintptr(len(data)))
	if err := failed(handle, 0, err); err != nil {
		return err
	}
	address, _, err := procGlobalLock.Call(handle)
	if err = failed(address, 0, err); err == nil {
		copy(memory(address, len(data)), data)
		_, _, _ = procGlobalUnlock.Call(handle)
		set, _, setErr := procSetClipboardData.Call(format, handle)
		err = failed(set, 0, setErr)
	}
	if err != nil {
		_, _, _ = procGlobalFree.Call(handle)
	}
	return err
}
