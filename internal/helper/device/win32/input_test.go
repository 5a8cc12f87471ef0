package win32

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"image"
	"strings"
	"testing"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// bytesOf returns the structure as it lies in memory, in hexadecimal with a
// space after each word.
func bytesOf(in ...input) string {
	var words []string
	for _, i := range in {
		for _, word := range i {
			words = append(words, hex.EncodeToString(binary.LittleEndian.AppendUint64(nil, word)))
		}
	}
	return strings.Join(words, " ")
}

const mark = 0x11223344

func TestMoveInput(t *testing.T) {
	one := image.Rect(0, 0, 1920, 1080)
	two := image.Rect(-1280, -200, 1920, 1080) // 3200×1280
	for _, test := range []struct {
		name string
		at   image.Point
		desk image.Rectangle
		want string
	}{
		// 32768/1920 = 17 = 0x11, 32768/1080 = 30 = 0x1e
		{"first pixel", image.Pt(0, 0), one, "0000000000000000 110000001e000000 0000000001c00000 0000000000000000 4433221100000000"},
		// (1919·65536+32768)/1920 = 65518 = 0xffee, (1079·65536+32768)/1080 = 65505 = 0xffe1
		{"last pixel", image.Pt(1919, 1079), one, "0000000000000000 eeff0000e1ff0000 0000000001c00000 0000000000000000 4433221100000000"},
		// (1280·65536+32768)/3200 = 26224 = 0x6670, (200·65536+32768)/1280 = 10265 = 0x2819
		{"a monitor to the left", image.Pt(0, 0), two, "0000000000000000 7066000019280000 0000000001c00000 0000000000000000 4433221100000000"},
		{"no desk", image.Pt(5, 5), image.Rectangle{}, "0000000000000000 0000000000000000 0000000001c00000 0000000000000000 4433221100000000"},
	} {
		if got := bytesOf(moveInput(test.at, test.desk, mark)); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

// TestMoveInputIsExact counts back, as Windows does, for each column of desks
// of many widths.
func TestMoveInputIsExact(t *testing.T) {
	for _, width := range []int{1, 799, 1366, 1920, 3200, 5760, 7680, 11520} {
		for x := range width {
			if got := int(share(x, width)) * width / 65536; got != x {
				t.Fatalf("width %d: %d becomes %d", width, x, got)
			}
		}
	}
}

func TestButtonInput(t *testing.T) {
	for _, test := range []struct {
		name    string
		button  control.Button
		down    bool
		swapped bool
		data    string // mouseData and dwFlags
	}{
		{"left down", control.Left, true, false, "0000000002000000"},
		{"left up", control.Left, false, false, "0000000004000000"},
		{"right down", control.Right, true, false, "0000000008000000"},
		{"right up", control.Right, false, false, "0000000010000000"},
		{"middle down", control.Middle, true, false, "0000000020000000"},
		{"middle up", control.Middle, false, false, "0000000040000000"},
		{"back down", control.Back, true, false, "0100000080000000"},
		{"back up", control.Back, false, false, "0100000000010000"},
		{"forward down", control.Forward, true, false, "0200000080000000"},
		{"forward up", control.Forward, false, false, "0200000000010000"},
		{"left down, swapped", control.Left, true, true, "0000000008000000"},
		{"right up, swapped", control.Right, false, true, "0000000004000000"},
		{"middle down, swapped", control.Middle, true, true, "0000000020000000"},
	} {
		in, err := buttonInput(test.button, test.down, test.swapped, mark)
		want := "0000000000000000 0000000000000000 " + test.data + " 0000000000000000 4433221100000000"
		if got := bytesOf(in); err != nil || got != want {
			t.Errorf("%s: %v\n got %s\nwant %s", test.name, err, got, want)
		}
	}
	if _, err := buttonInput(5, true, false, mark); !errors.Is(err, device.ErrUnsupported) {
		t.Errorf("a sixth button: %v", err)
	}
}

func TestWheelInputs(t *testing.T) {
	const head, tail = "0000000000000000 0000000000000000 ", " 0000000000000000 4433221100000000"
	for _, test := range []struct {
		name        string
		right, down int
		want        []string
	}{
		{"not at all", 0, 0, nil},
		{"a notch down", 0, 120, []string{head + "88ffffff00080000" + tail}},
		{"a notch up", 0, -120, []string{head + "7800000000080000" + tail}},
		{"a little down", 0, 1, []string{head + "ffffffff00080000" + tail}},
		{"a notch to the right", 120, 0, []string{head + "7800000000100000" + tail}},
		{"to the left and up", -30, -30, []string{head + "1e00000000080000" + tail, head + "e2ffffff00100000" + tail}},
	} {
		if got, want := bytesOf(wheelInputs(test.right, test.down, mark)...), strings.Join(test.want, " "); got != want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, want)
		}
	}
}

func TestStrokeInput(t *testing.T) {
	const head, tail = "0100000000000000 ", " 0000000000000000 4433221100000000 0000000000000000"
	for _, test := range []struct {
		name   string
		key    control.Key
		down   string // wVk, wScan and dwFlags
		upWith string
	}{
		{"A", 0x04, "00001e0008000000", "00001e000a000000"},
		{"Enter", control.KeyEnter, "00001c0008000000", "00001c000a000000"},
		{"keypad's Enter", 0x58, "00001c0009000000", "00001c000b000000"},
		{"Delete", control.KeyDelete, "0000530009000000", "000053000b000000"},
		{"Num Lock", 0x53, "0000450008000000", "000045000a000000"},
		{"Pause", keyPause, "1300450000000000", "1300450002000000"},
		{"Print Screen", 0x46, "0000370009000000", "000037000b000000"},
		{"right Ctrl", control.KeyControlRight, "00001d0009000000", "00001d000b000000"},
	} {
		s, ok := strokeAt(test.key)
		if got, want := bytesOf(s.down(mark), s.up(mark)), head+test.down+tail+" "+head+test.upWith+tail; !ok || got != want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, want)
		}
	}
}

func TestEveryKeyHasAStroke(t *testing.T) {
	seen := map[stroke]string{}
	for code, key := range control.Keys() {
		s, ok := strokeAt(key)
		if !ok {
			t.Errorf("%s has none", code)
		}
		if other, ok := seen[s]; ok {
			t.Errorf("%s and %s have the same", code, other)
		}
		seen[s] = code
	}
	if _, ok := strokeAt(0xff); ok {
		t.Error("a key that doesn't exist has one")
	}
}
