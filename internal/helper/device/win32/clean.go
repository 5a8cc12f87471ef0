package win32

import "deskside/internal/control"

// buttonKeys are the virtual keys of the mouse's buttons.
var buttonKeys = map[uint16]control.Button{
	0x01: control.Left, 0x02: control.Right, 0x04: control.Middle, 0x05: control.Back, 0x06: control.Forward,
}

// The virtual keys of a Shift, Ctrl or Alt, whichever: left and right have their own.
const firstEither, lastEither = 0x10, 0x12

// releases returns the inputs that release all that is down, by virtual keys.
func releases(down func(vk uint16) bool, scan func(vk uint16) uint16, mark uint64) (up []input) {
	for vk := uint16(1); vk < 0xff; vk++ {
		if firstEither <= vk && vk <= lastEither || !down(vk) {
			continue
		}
		if b, ok := buttonKeys[vk]; ok {
			in, _ := buttonInput(b, false, false, mark) // of the mouse itself, swapped or not, as what is asked for is
			up = append(up, in)
		} else {
			up = append(up, stroke{scan: scan(vk), vk: vk, virtual: true}.up(mark))
		}
	}
	return up
}
