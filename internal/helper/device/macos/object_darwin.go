package macos

import (
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego/objc"
)

const utf8Encoding = 4 // NSUTF8StringEncoding

// nsString returns a string that stays until it is released.
func nsString(s string) objc.ID {
	b := []byte(s)
	id := class("NSString").Send(sel("alloc"))
	id = id.Send(sel("initWithBytes:length:encoding:"), unsafe.Pointer(unsafe.SliceData(b)), len(b), utf8Encoding)
	runtime.KeepAlive(b)
	return id
}

// goString copies a string; it isn't ok for one of more than most bytes.
func goString(id objc.ID, most int) (s string, ok bool) {
	n := objc.Send[int](id, sel("lengthOfBytesUsingEncoding:"), utf8Encoding)
	if n > most {
		return "", false
	}
	b := objc.Send[*byte](id, sel("UTF8String"))
	if b == nil {
		return "", true
	}
	return string(unsafe.Slice(b, n)), true
}

// nsData returns data that stays until it is released.
func nsData(b []byte) objc.ID {
	id := class("NSData").Send(sel("alloc"))
	id = id.Send(sel("initWithBytes:length:"), unsafe.Pointer(unsafe.SliceData(b)), len(b))
	runtime.KeepAlive(b)
	return id
}

// goBytes copies data; it isn't ok for more than most bytes.
func goBytes(id objc.ID, most int) (b []byte, ok bool) {
	n := objc.Send[int](id, sel("length"))
	if n > most {
		return nil, false
	}
	p := objc.Send[*byte](id, sel("bytes"))
	if p == nil {
		return nil, true
	}
	return append([]byte(nil), unsafe.Slice(p, n)...), true
}
