package win32

import (
	"encoding/binary"
	"unicode/utf16"
)

// renameInfo is a FILE_RENAME_INFO as it is on 64-bit Windows: whether to
// replace what has the name, no root directory, the name's length in bytes and
// the name, which a zero ends.
func renameInfo(name string, replace bool) []byte {
	units := utf16.Encode([]rune(name))
	info := make([]byte, 20, 24+2*len(units))
	if replace {
		info[0] = 1
	}
	binary.LittleEndian.PutUint32(info[16:], uint32(2*len(units)))
	for _, unit := range append(units, 0) {
		info = binary.LittleEndian.AppendUint16(info, unit)
	}
	for len(info) < 24 { // Windows refuses less than the structure's size
		info = append(info, 0)
	}
	return info
}
