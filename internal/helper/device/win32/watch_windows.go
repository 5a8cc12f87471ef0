package win32

import (
	"fmt"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"

	"deskside/internal/helper/device"
)

const (
	hookKeyboard = 13 // WH_KEYBOARD_LL
	hookMouse    = 14 // WH_MOUSE_LL

	keyInjected   = 0x10 // LLKHF_INJECTED
	mouseInjected = 0x01 // LLMHF_INJECTED

	// scanSimulated is set where Windows adds a key of its own to another one:
	// Ctrl to AltGr, Shift to the keypad.
	scanSimulated = 0x200

	msgMouseMove = 0x0200

	stopHotKey      = 1
	modAlt          = 0x0001
	modControl      = 0x0002
	modNoRepeat     = 0x4000
	virtualEnd      = 0x23
	renewHooksEvery = 30_000 // milliseconds
)

// A mouseEvent is a MSLLHOOKSTRUCT.
type mouseEvent struct {
	at    point
	data  uint32
	flags uint32
	time  uint32
	extra uintptr
}

// A keyEvent is a KBDLLHOOKSTRUCT.
type keyEvent struct {
	vk    uint32
	scan  uint32
	flags uint32
	time  uint32
	extra uintptr
}

// Windows never gives callbacks back, so there is one of each.
var (
	onMouse = sync.OnceValue(func() uintptr {
		return windows.NewCallback(func(code, what uintptr, e *mouseEvent) uintptr {
			if c := current.Load(); c != nil && int32(code) >= 0 {
				c.sawMouse(uint32(what), e)
			}
			result, _, _ := procCallNextHookEx.Call(0, code, what, uintptr(unsafe.Pointer(e)))
			return result
		})
	})
	onKey = sync.OnceValue(func() uintptr {
		return windows.NewCallback(func(code, what uintptr, e *keyEvent) uintptr {
			if c := current.Load(); c != nil && int32(code) >= 0 {
				c.sawKey(e)
			}
			result, _, _ := procCallNextHookEx.Call(0, code, what, uintptr(unsafe.Pointer(e)))
			return result
		})
	})
)

// sawMouse and sawKey are called for each event before any program gets it, and
// the whole desktop waits for them.
func (c *computer) sawMouse(what uint32, e *mouseEvent) {
	still := what == msgMouseMove && e.at == c.pointerSeen
	c.pointerSeen = e.at
	// A window that comes up under the pointer has it reported where it is, and
	// so do some mice that lie still.
	if still || e.flags&mouseInjected != 0 && uint64(e.extra) == c.mark {
		return
	}
	c.aim.Store(nil)
	c.events.Announce(device.Acted)
}

func (c *computer) sawKey(e *keyEvent) {
	if e.flags&keyInjected != 0 && uint64(e.extra) == c.mark || e.scan&scanSimulated != 0 {
		return
	}
	c.events.Announce(device.Acted)
}

// openWatch sets the hooks and the hot key. The latter may be another
// program's; then the person stops by other means.
func (c *computer) openWatch() error {
	if err := c.renewHooks(); err != nil {
		return err
	}
	c.stopKeys = failed(procRegisterHotKey.Call(0, stopHotKey, modControl|modAlt|modNoRepeat, virtualEnd)) == nil
	return failed(procSetTimer.Call(0, 0, renewHooksEvery, 0))
}

// watched gets the messages of the hot key and the timer.
func (c *computer) watched(m *message) {
	switch m.message {
	case msgHot:
		c.events.Announce(device.StopPressed)
	case msgTimer:
		// Windows takes a hook away, and tells nobody, that was late a few times.
		_ = c.renewHooks() // the old ones stay
	}
}

// renewHooks sets the hooks, and then removes those that were there, so that
// nothing goes unseen between.
func (c *computer) renewHooks() error {
	var module windows.Handle
	if err := windows.GetModuleHandleEx(0, nil, &module); err != nil {
		return err
	}
	for i, hook := range []struct{ kind, call uintptr }{{hookMouse, onMouse()}, {hookKeyboard, onKey()}} {
		set, _, err := procSetWindowsHookEx.Call(hook.kind, hook.call, uintptr(module), 0)
		if err := failed(set, 0, err); err != nil {
			return fmt.Errorf("hook %d: %w", hook.kind, err)
		}
		c.unhook(i)
		c.hooks[i] = set
	}
	return nil
}

func (c *computer) unhook(i int) {
	if c.hooks[i] != 0 {
		_, _, _ = procUnhookWindowsHookEx.Call(c.hooks[i])
		c.hooks[i] = 0
	}
}

func (c *computer) shutWatch() {
	c.unhook(0)
	c.unhook(1)
	_, _, _ = procUnregisterHotKey.Call(0, stopHotKey)
}
