package macos

import (
	"fmt"
	"runtime"
	"time"

	"github.com/ebitengine/purego"

	"deskside/internal/helper/device"
)

// tap listens to what the person does, on a thread of its own.
type tap struct {
	loop  uintptr
	ended chan struct{}
}

// tapped are the kinds of events that a tap hears.
var tapped = []kind{
	leftDown, leftUp, rightDown, rightUp, moved, leftDragged, rightDragged, keyDown, keyUp, flagsChanged,
	scrolled, otherDown, otherUp, otherDragged,
}

// listen starts a tap that calls heard for each event that no Device has made.
// It only listens: it neither delays nor changes what it hears. Typing into
// password fields is hidden from it by the system.
func listen(heard func(kind kind, ref uintptr)) (*tap, error) {
	t := &tap{ended: make(chan struct{})}
	started := make(chan error)
	go t.run(heard, started)
	if err := <-started; err != nil {
		return nil, err
	}
	return t, nil
}

func (t *tap) run(heard func(kind, uintptr), started chan<- error) {
	defer close(t.ended)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var port uintptr
	// Callbacks are never given back: there is one for each time that a Device
	// is opened.
	callback := purego.NewCallback(func(_ uintptr, k uint32, ref, _ uintptr) uintptr {
		switch kind(k) {
		case tapTimedOut, tapDisabled:
			cgEventTapEnable(port, true)
		default:
			if cgEventGetField(ref, fieldUserData) != ours {
				heard(kind(k), ref)
			}
		}
		return ref
	})
	var mask uint64
	for _, k := range tapped {
		mask |= 1 << k
	}
	const last, listenOnly = 1, 1
	port = cgEventTapCreate(sessionTap, last, listenOnly, mask, callback, 0)
	if port == 0 {
		started <- fmt.Errorf("macOS doesn't let the helper see when the person acts: %w", device.ErrPermission)
		return
	}
	defer cfRelease(port)
	defer cfMachPortInvalidate(port)
	source := cfMachPortCreateSource(0, port, 0)
	if source == 0 {
		started <- errNoEvent
		return
	}
	defer cfRelease(source)
	t.loop = cfRunLoopGetCurrent()
	cfRunLoopAddSource(t.loop, source, *commonModes)
	cgEventTapEnable(port, true)
	started <- nil
	cfRunLoopRun()
}

// stop ends the tap.
func (t *tap) stop() {
	for {
		cfRunLoopStop(t.loop)
		select {
		case <-t.ended:
			return
		case <-time.After(50 * time.Millisecond):
			// It hadn't begun to run yet, and has to be told again.
		}
	}
}
