package win32

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A message is a MSG.
type message struct {
	window  uintptr
	message uint32
	_       uint32
	wParam  uintptr
	lParam  uintptr
	time    uint32
	point   point
	_       uint32
}

const (
	msgQuit  = 0x0012
	msgTimer = 0x0113
	msgHot   = 0x0312
	msgCall  = 0x8000 // WM_APP: a function to call is in loop.calls
)

// A loop is a thread with a message loop. Windows ties windows, hooks and hot
// keys to the thread that made them, and speaks to that one only.
type loop struct {
	thread uint32
	calls  chan func()
	done   chan struct{}
}

// startLoop starts a thread and returns once open was called on it. shut is
// called on it at its end, and ended after that. own gets the messages that are
// for the thread instead of a window.
func startLoop(open func() error, shut func(), own func(*message), ended func()) (*loop, error) {
	l := &loop{calls: make(chan func(), 1), done: make(chan struct{})}
	opened := make(chan error)
	go func() {
		// The goroutine keeps the thread for itself, and ends it by returning.
		runtime.LockOSThread()
		defer close(l.done)
		l.thread = windows.GetCurrentThreadId()
		// Messages can be posted to the thread once it has asked for one.
		var m message
		_, _, _ = procPeekMessage.Call(uintptr(unsafe.Pointer(&m)), 0, msgCall, msgCall, 0)
		err := open()
		opened <- err
		if err == nil {
			l.run(own)
			defer ended()
		}
		shut()
	}()
	if err := <-opened; err != nil {
		<-l.done
		return nil, err
	}
	return l, nil
}

func (l *loop) run(own func(*message)) {
	m := new(message)
	for {
		result, _, _ := procGetMessage.Call(uintptr(unsafe.Pointer(m)), 0, 0, 0)
		if int32(result) <= 0 { // the end, or an error
			return
		}
		switch {
		case m.window != 0:
			_, _, _ = procDispatchMessage.Call(uintptr(unsafe.Pointer(m)))
		case m.message == msgCall:
			(<-l.calls)()
		case own != nil:
			own(m)
		}
	}
}

// do calls f on the thread and returns after that.
func (l *loop) do(f func()) error {
	ran := make(chan struct{})
	select {
	case l.calls <- func() { f(); close(ran) }:
	case <-l.done:
		return os.ErrClosed
	}
	if err := failed(procPostThreadMessage.Call(uintptr(l.thread), msgCall, 0, 0)); err != nil {
		select {
		case <-l.calls:
		case <-l.done:
		}
		return err
	}
	select {
	case <-ran:
		return nil
	case <-l.done:
		return os.ErrClosed
	}
}

// stop ends the thread.
func (l *loop) stop() {
	_, _, _ = procPostThreadMessage.Call(uintptr(l.thread), msgQuit, 0, 0)
	<-l.done
}
