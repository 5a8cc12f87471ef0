package win32

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"os"
	"sync"
	"sync/atomic"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// A computer is the Device.
type computer struct {
	mark    uint64 // the dwExtraInfo of all input that it makes
	level   uint32 // the integrity level of this process
	keys    *keyboard
	buttons map[control.Button]input // what releases those that are down
	// aim is where Move put the pointer, until the person moves it.
	aim atomic.Pointer[image.Point]

	events      *device.Announcer
	watch       *loop // sees what the person does
	stopKeys    bool  // are registered
	hooks       [2]uintptr
	pointerSeen point // by the hook, last
	desk        *loop // has the windows
	listener    uintptr
	clipboard   *clipboard
	frame       []uintptr // windows, of the desk's thread alone

	closing atomic.Bool
	close   sync.Once
}

// current is the Device that is open: the functions that Windows calls back
// have to find it, and some are told nothing of their own.
var current atomic.Pointer[computer]

// Open returns the Device of the session that the program runs in. There is one
// at a time.
func Open() (device.Device, error) {
	if err := beAware(); err != nil {
		return nil, fmt.Errorf("DPI awareness: %w", err)
	}
	level, err := ownLevel()
	if err != nil {
		return nil, fmt.Errorf("this program's rights: %w", err)
	}
	mark := newMark()
	c := &computer{
		mark:    mark,
		level:   level,
		keys:    newKeyboard(mark),
		buttons: map[control.Button]input{},
		events:  device.NewAnnouncer(),
	}
	if !current.CompareAndSwap(nil, c) {
		c.events.Close()
		return nil, errors.New("opened already")
	}
	if c.desk, err = startLoop(c.openDesk, c.shutDesk, nil, c.broken); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("a window to listen with: %w", err)
	}
	if c.watch, err = startLoop(c.openWatch, c.shutWatch, c.watched, c.broken); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("hooks: %w", err)
	}
	return c, nil
}

// newMark returns what tells our own input from other programs'. It fits in 31
// bits, which no layer cuts, and doesn't begin as the marks that Windows puts
// on touch (0xFF5157…).
func newMark() uint64 {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	return uint64(binary.LittleEndian.Uint32(random[:])&0x7fffffff | 1)
}

// broken is called when a thread ends.
func (c *computer) broken() {
	if !c.closing.Load() {
		c.closing.Store(true)
		c.events.Announce(device.Broken)
	}
}

// usable returns an error once the Device is closed or broken.
func (c *computer) usable() error {
	if c.closing.Load() {
		return os.ErrClosed
	}
	return nil
}

func (c *computer) Events() <-chan device.Event { return c.events.Events() }

// System is "Windows": there is one way to carry input out.
func (c *computer) System() string { return "Windows" }

// StopKeys is empty if another program has registered the keys.
func (c *computer) StopKeys() string {
	if !c.stopKeys {
		return ""
	}
	return "Ctrl+Alt+End"
}

// Close ends the threads; Windows takes their windows and hooks with them.
func (c *computer) Close() error {
	c.close.Do(func() {
		c.closing.Store(true)
		for _, l := range []*loop{c.watch, c.desk} {
			if l != nil {
				l.stop()
			}
		}
		c.events.Close()
		current.CompareAndSwap(c, nil)
	})
	return nil
}
