package win32

import (
	"slices"
	"testing"
)

func TestReleases(t *testing.T) {
	held := []uint16{0x01, 0x05, 0x11, 0x41, 0xa3} // left button, a side button, a Ctrl, A, the right Ctrl
	scans := map[uint16]uint16{0x41: 0x1e, 0xa3: 0xe01d}
	got := releases(func(vk uint16) bool { return slices.Contains(held, vk) }, func(vk uint16) uint16 { return scans[vk] }, mark)
	want := []input{
		mouseInput(0, 0, 0, mouseLeftUp, mark),
		mouseInput(0, 0, xButton1, mouseXUp, mark),
		stroke{scan: 0x1e, vk: 0x41, virtual: true}.up(mark),
		keyInput(0xa3, 0x1d, keyUp|keyExtended, mark),
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %s\nwant %s", bytesOf(got...), bytesOf(want...))
	}
}
