package win32

import "unsafe"

// Clean releases every key and button that is down: Windows keeps them so when
// the program is killed that pressed them.
func Clean() error {
	down := func(vk uint16) bool {
		state, _, _ := procGetAsyncKeyState.Call(uintptr(vk))
		return state&0x8000 != 0
	}
	up := releases(down, activeLayout().scan, newMark())
	if len(up) == 0 {
		return nil
	}
	sent, _, err := procSendInput.Call(uintptr(len(up)), uintptr(unsafe.Pointer(&up[0])), unsafe.Sizeof(up[0]))
	if sent == uintptr(len(up)) {
		return nil
	}
	return failed(0, 0, err)
}
