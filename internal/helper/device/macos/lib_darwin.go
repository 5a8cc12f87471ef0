package macos

import (
	"errors"
	"fmt"
	"structs"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// point and rect are CGPoint and CGRect (and NSPoint and NSRect). Their fields
// are exported for the library, which reads them by reflection.
type point struct {
	_    structs.HostLayout
	X, Y float64
}

type rect struct {
	_          structs.HostLayout
	X, Y, W, H float64
}

// The system's functions. References to its objects are uintptr, as the system
// keeps them, not Go.
var (
	axIsProcessTrustedWithOptions func(options uintptr) bool

	cfRelease              func(ref uintptr)
	cfDataGetBytePtr       func(data uintptr) unsafe.Pointer
	cfRunLoopGetCurrent    func() uintptr
	cfRunLoopRun           func()
	cfRunLoopStop          func(loop uintptr)
	cfRunLoopAddSource     func(loop, source uintptr, mode uintptr)
	cfMachPortCreateSource func(allocator, port uintptr, order int) uintptr
	cfMachPortInvalidate   func(port uintptr)

	cgGetActiveDisplayList    func(most uint32, displays *uint32, count *uint32) int32
	cgMainDisplayID           func() uint32
	cgDisplayBounds           func(display uint32) rect
	cgDisplayRegisterCallback func(callback, info uintptr) int32
	cgDisplayRemoveCallback   func(callback, info uintptr) int32

	cgEventSourceCreate          func(state int32) uintptr
	cgEventSourceSetUserData     func(source uintptr, data int64)
	cgEventSourceSetSuppression  func(source uintptr, seconds float64)
	cgEventCreate                func(source uintptr) uintptr
	cgEventCreateMouse           func(source uintptr, kind uint32, at point, button uint32) uintptr
	cgEventCreateKeyboard        func(source uintptr, code uint16, down bool) uintptr
	cgEventCreateScroll          func(source uintptr, units, wheels uint32, up, left, third int32) uintptr
	cgEventSetType               func(event uintptr, kind uint32)
	cgEventSetFlags              func(event uintptr, flags uint64)
	cgEventGetFlags              func(event uintptr) uint64
	cgEventSetField              func(event uintptr, field uint32, value int64)
	cgEventGetField              func(event uintptr, field uint32) int64
	cgEventGetLocation           func(event uintptr) point
	cgEventKeyboardSetUnicode    func(event uintptr, count uint, text *uint16)
	cgEventPost                  func(tap uint32, event uintptr)
	cgEventTapCreate             func(tap, place, options uint32, mask uint64, callback, info uintptr) uintptr
	cgEventTapEnable             func(port uintptr, enable bool)
	cgRequestListenEventAccess   func() bool
	dispatchAsync                func(queue, context, work uintptr)
	lmGetKeyboardType            func() uint8
	tisCopyCurrentKeyboardLayout func() uintptr
	tisGetProperty               func(source, key uintptr) uintptr
	ucKeyTranslate               func(layout unsafe.Pointer, code, action uint16, modifiers, keyboard, options uint32, dead *uint32, most uint, length *uint, made *uint16) int32
)

// The system's data: mainQueue is an object, the others point to one.
var (
	mainQueue             uintptr
	commonModes           *uintptr
	unicodeLayoutProperty *uintptr
)

// load finds all of them, once.
var load = sync.OnceValue(func() error {
	const dir = "/System/Library/Frameworks/"
	var libs []uintptr
	for _, path := range []string{
		dir + "ApplicationServices.framework/ApplicationServices",
		dir + "Carbon.framework/Carbon",
		dir + "AppKit.framework/AppKit",
		"/usr/lib/libSystem.B.dylib",
	} {
		lib, err := purego.Dlopen(path, purego.RTLD_LAZY|purego.RTLD_GLOBAL)
		if err != nil {
			return fmt.Errorf("a part of macOS is missing: %w", err)
		}
		libs = append(libs, lib)
	}
	find := func(name string) (uintptr, error) {
		var errs []error
		for _, lib := range libs {
			symbol, err := purego.Dlsym(lib, name)
			if err == nil {
				return symbol, nil
			}
			errs = append(errs, err)
		}
		return 0, fmt.Errorf("this macOS is too old for the helper: %w", errors.Join(errs...))
	}
	for name, f := range map[string]any{
		"AXIsProcessTrustedWithOptions":                  &axIsProcessTrustedWithOptions,
		"CFRelease":                                      &cfRelease,
		"CFDataGetBytePtr":                               &cfDataGetBytePtr,
		"CFRunLoopGetCurrent":                            &cfRunLoopGetCurrent,
		"CFRunLoopRun":                                   &cfRunLoopRun,
		"CFRunLoopStop":                                  &cfRunLoopStop,
		"CFRunLoopAddSource":                             &cfRunLoopAddSource,
		"CFMachPortCreateRunLoopSource":                  &cfMachPortCreateSource,
		"CFMachPortInvalidate":                           &cfMachPortInvalidate,
		"CGGetActiveDisplayList":                         &cgGetActiveDisplayList,
		"CGMainDisplayID":                                &cgMainDisplayID,
		"CGDisplayBounds":                                &cgDisplayBounds,
		"CGDisplayRegisterReconfigurationCallback":       &cgDisplayRegisterCallback,
		"CGDisplayRemoveReconfigurationCallback":         &cgDisplayRemoveCallback,
		"CGEventSourceCreate":                            &cgEventSourceCreate,
		"CGEventSourceSetUserData":                       &cgEventSourceSetUserData,
		"CGEventSourceSetLocalEventsSuppressionInterval": &cgEventSourceSetSuppression,
		"CGEventCreate":                                  &cgEventCreate,
		"CGEventCreateMouseEvent":                        &cgEventCreateMouse,
		"CGEventCreateKeyboardEvent":                     &cgEventCreateKeyboard,
		// The first one takes its wheels as C's variable arguments.
		"CGEventCreateScrollWheelEvent2":          &cgEventCreateScroll,
		"CGEventSetType":                          &cgEventSetType,
		"CGEventSetFlags":                         &cgEventSetFlags,
		"CGEventGetFlags":                         &cgEventGetFlags,
		"CGEventSetIntegerValueField":             &cgEventSetField,
		"CGEventGetIntegerValueField":             &cgEventGetField,
		"CGEventGetLocation":                      &cgEventGetLocation,
		"CGEventKeyboardSetUnicodeString":         &cgEventKeyboardSetUnicode,
		"CGEventPost":                             &cgEventPost,
		"CGEventTapCreate":                        &cgEventTapCreate,
		"CGEventTapEnable":                        &cgEventTapEnable,
		"CGRequestListenEventAccess":              &cgRequestListenEventAccess,
		"dispatch_async_f":                        &dispatchAsync,
		"LMGetKbdType":                            &lmGetKeyboardType,
		"TISCopyCurrentKeyboardLayoutInputSource": &tisCopyCurrentKeyboardLayout,
		"TISGetInputSourceProperty":               &tisGetProperty,
		"UCKeyTranslate":                          &ucKeyTranslate,
	} {
		symbol, err := find(name)
		if err != nil {
			return err
		}
		purego.RegisterFunc(f, symbol)
	}
	var err error
	if mainQueue, err = find("_dispatch_main_q"); err != nil {
		return err
	}
	for name, data := range map[string]**uintptr{
		"kCFRunLoopCommonModes":            &commonModes,
		"kTISPropertyUnicodeKeyLayoutData": &unicodeLayoutProperty,
	} {
		symbol, err := find(name)
		if err != nil {
			return err
		}
		// The address is the system's, which doesn't move its data.
		*data = *(**uintptr)(unsafe.Pointer(&symbol))
	}
	return nil
})
