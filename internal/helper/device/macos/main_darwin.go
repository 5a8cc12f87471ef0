package macos

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ebitengine/purego"
	"github.com/ebitengine/purego/objc"
)

// AppKit's windows and the keyboard layouts belong to the process's first
// thread. Packages are initialized on it, and the goroutine that then becomes
// main's stays on it.
func init() { runtime.LockOSThread() }

// mainTime is how long the main thread may take to get round to something.
const mainTime = time.Second

// errNoMain says that nobody serves the main thread.
var errNoMain = errors.New("the main thread is busy")

// serving says that Main runs.
var serving atomic.Bool

// Main gives the main thread to AppKit, and returns when run, which it calls in
// a goroutine, has returned. It has to be called from main's goroutine. The
// program has no icon in the Dock and no menu. Without it a Device shows
// nothing, hears of no changed monitors, and knows no keyboard layout: shortcuts go
// by their keys' places then.
func Main(run func()) {
	if load() != nil {
		run() // what it wants of this package says why it can't have it
		return
	}
	done := make(chan struct{})
	const accessory = 1
	app := class("NSApplication").Send(sel("sharedApplication"))
	app.Send(sel("setActivationPolicy:"), accessory)
	app.Send(sel("finishLaunching"))
	mode := nsString("kCFRunLoopDefaultMode")
	go func() {
		defer close(done)
		run()
	}()
	serving.Store(true)
	defer serving.Store(false)
	for {
		select {
		case <-done:
			return
		default:
		}
		// What NSApplication's run does, but that it ends: it is only left
		// after an event.
		pool := class("NSAutoreleasePool").Send(sel("new"))
		until := class("NSDate").Send(sel("dateWithTimeIntervalSinceNow:"), 0.25)
		const anyEvent = ^uint(0)
		if event := app.Send(sel("nextEventMatchingMask:untilDate:inMode:dequeue:"), anyEvent, until, mode, true); event != 0 {
			app.Send(sel("sendEvent:"), event)
		}
		app.Send(sel("updateWindows"))
		pool.Send(sel("drain"))
	}
}

// queue is what waits for the main thread.
var queue struct {
	mu      sync.Mutex
	waiting []func()
	work    uintptr // the callback that does it
}

// onMain does something on the main thread and waits for it, but not for ever.
func onMain(do func()) error {
	if !serving.Load() {
		return errNoMain
	}
	var mu sync.Mutex
	ran, abandoned := false, false
	done := make(chan struct{})
	post(func() {
		defer close(done)
		mu.Lock()
		defer mu.Unlock()
		if !abandoned {
			do()
			ran = true
		}
	})
	select {
	case <-done:
		return nil
	case <-time.After(mainTime):
	}
	// Whoever waits no longer mustn't be surprised by it later. If it has just
	// begun, this waits for it to end.
	mu.Lock()
	defer mu.Unlock()
	if ran {
		return nil
	}
	abandoned = true
	return errNoMain
}

// post has the main thread do something when it gets round to it.
func post(do func()) {
	queue.mu.Lock()
	defer queue.mu.Unlock()
	if queue.work == 0 {
		queue.work = purego.NewCallback(func(uintptr) uintptr {
			queue.mu.Lock()
			waiting := queue.waiting
			queue.waiting = nil
			queue.mu.Unlock()
			for _, do := range waiting {
				do()
			}
			return 0
		})
	}
	queue.waiting = append(queue.waiting, do)
	dispatchAsync(mainQueue, 0, queue.work)
}

// pooled does something that makes Objective-C objects on another thread.
func pooled(do func()) {
	runtime.LockOSThread() // pools are their thread's
	defer runtime.UnlockOSThread()
	pool := class("NSAutoreleasePool").Send(sel("new"))
	defer pool.Send(sel("drain"))
	do()
}

func class(name string) objc.ID { return objc.ID(objc.GetClass(name)) }

func sel(name string) objc.SEL { return objc.RegisterName(name) }
