package win32

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// header returns a BITMAPINFOHEADER, or a successor of another size, with
// 32-bit words appended.
func header(size, width, height, bits, compression, colours int, words ...uint32) []byte {
	var h []byte
	u32 := func(v int) { h = binary.LittleEndian.AppendUint32(h, uint32(v)) }
	u32(size)
	u32(width)
	u32(height)
	u32(1 | bits<<16)
	u32(compression)
	for range 3 {
		u32(0)
	}
	u32(colours)
	u32(0)
	for _, w := range words {
		u32(int(w))
	}
	return h
}

func TestDecodeDIB(t *testing.T) {
	red, green, blue, black, white := color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 255, 0, 255},
		color.NRGBA{0, 0, 255, 255}, color.NRGBA{0, 0, 0, 255}, color.NRGBA{255, 255, 255, 255}
	v4 := func(bits int, masks ...uint32) []byte {
		return append(header(dibHeaderV4, 2, 1, bits, dibBitfields, 0, masks...), make([]byte, dibHeaderV4-dibHeader-4*len(masks))...)
	}
	for _, test := range []struct {
		name string
		data []byte
		want [][]color.NRGBA
	}{
		{"24 bits, from the bottom up", append(header(40, 1, 2, 24, 0, 0),
			255, 0, 0, 9, 0, 0, 255, 9), [][]color.NRGBA{{red}, {blue}}},
		{"24 bits, from the top down", append(header(40, 1, -2, 24, 0, 0),
			255, 0, 0, 9, 0, 0, 255, 9), [][]color.NRGBA{{blue}, {red}}},
		{"32 bits, the fourth byte anything", append(header(40, 2, 1, 32, 0, 0),
			0, 255, 0, 0, 0, 0, 255, 77), [][]color.NRGBA{{green, red}}},
		{"32 bits with masks", append(header(40, 2, 1, 32, 3, 0, 0xff, 0xff00, 0xff0000),
			255, 0, 0, 0, 0, 0, 255, 0), [][]color.NRGBA{{red, blue}}},
		{"16 bits", append(header(40, 2, 1, 16, 0, 0),
			0x00, 0x7c, 0x1f, 0x00), [][]color.NRGBA{{red, blue}}},
		{"16 bits with masks", append(header(40, 2, 1, 16, 3, 0, 0xf800, 0x07e0, 0x001f),
			0xe0, 0x07, 0xff, 0xff), [][]color.NRGBA{{green, white}}},
		{"8 bits", append(header(40, 3, 1, 8, 0, 2, 0x00ff0000, 0x000000ff),
			1, 0, 7, 9), [][]color.NRGBA{{blue, red, black}}},
		{"4 bits", append(header(40, 3, 1, 4, 0, 2, 0x00ff0000, 0x000000ff),
			0x01, 0x10, 0, 0), [][]color.NRGBA{{red, blue, blue}}},
		{"1 bit", append(header(40, 9, 1, 1, 0, 2, 0x00ff0000, 0x000000ff),
			0x41, 0x80, 0, 0), [][]color.NRGBA{{red, blue, red, red, red, red, red, blue, blue}}},
		{"a hint of a palette", append(header(40, 1, 1, 24, 0, 1, 0x00abcdef),
			255, 0, 0, 0), [][]color.NRGBA{{blue}}},
		{"alpha", append(v4(32, 0xff0000, 0xff00, 0xff, 0xff000000),
			0, 0, 255, 128, 0, 0, 0, 0), [][]color.NRGBA{{{255, 0, 0, 128}, {}}}},
		{"alpha that nobody set", append(v4(32, 0xff0000, 0xff00, 0xff, 0xff000000),
			0, 0, 255, 0, 0, 0, 0, 0), [][]color.NRGBA{{red, black}}},
	} {
		img, err := decodeDIB(test.data)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if size := image.Pt(len(test.want[0]), len(test.want)); img.Rect.Max != size {
			t.Errorf("%s: size %v, want %v", test.name, img.Rect.Max, size)
			continue
		}
		for y, row := range test.want {
			for x, want := range row {
				if got := img.NRGBAAt(x, y); got != want {
					t.Errorf("%s: %v at %d,%d, want %v", test.name, got, x, y, want)
				}
			}
		}
		for n := range len(test.data) { // cut anywhere, it is refused
			if _, err := decodeDIB(test.data[:n]); err == nil {
				t.Errorf("%s: %d of %d bytes were enough", test.name, n, len(test.data))
			}
		}
	}
}

func TestDecodeDIBRefuses(t *testing.T) {
	pixels := make([]byte, 4096)
	for name, head := range map[string][]byte{
		"an old header":         header(12, 1, 1, 24, 0, 0),
		"run-length encoding":   header(40, 4, 4, 8, 1, 0),
		"a PNG inside":          header(40, 4, 4, 0, 5, 0),
		"2 bits":                header(40, 4, 4, 2, 0, 0),
		"24 bits with masks":    header(40, 1, 1, 24, 3, 0),
		"no width":              header(40, 0, 4, 24, 0, 0),
		"a negative width":      header(40, -4, 4, 24, 0, 0),
		"no height":             header(40, 4, 0, 24, 0, 0),
		"the least height":      header(40, 4, -1<<31, 24, 0, 0),
		"many pixels":           header(40, 1<<16, 1<<16, 1, 0, 0),
		"a palette too big":     header(40, 1, 1, 24, 0, 257),
		"a palette of billions": header(40, 1, 1, 24, 0, 1<<31),
	} {
		if _, err := decodeDIB(append(head, pixels...)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestPictureThereAndBack(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 5, 3))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 37)
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 0xff
	}
	img.SetNRGBA(4, 2, color.NRGBA{}) // becomes white
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	data, err := dibOfPNG(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	back, err := pngOfDIB(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(back))
	if err != nil {
		t.Fatal(err)
	}
	img.SetNRGBA(4, 2, color.NRGBA{255, 255, 255, 255})
	for y := range 3 {
		for x := range 5 {
			if want := img.NRGBAAt(x, y); color.NRGBAModel.Convert(got.At(x, y)) != want {
				t.Errorf("%v at %d,%d, want %v", got.At(x, y), x, y, want)
			}
		}
	}
}

func TestPNG(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	for name, data := range map[string][]byte{
		"exact":          whole,
		"in more memory": append(bytes.Clone(whole), make([]byte, 100)...),
	} {
		if got, ok := trimPNG(data); !ok || !bytes.Equal(got, whole) {
			t.Errorf("%s: %v, %d bytes of %d", name, ok, len(got), len(whole))
		}
	}
	for n := range whole {
		if _, ok := trimPNG(whole[:n]); ok {
			t.Errorf("%d of %d bytes are whole", n, len(whole))
		}
	}
	if _, err := dibOfPNG([]byte("no picture")); err == nil {
		t.Error("no picture was accepted")
	}
	if _, err := dibOfPNG(whole[:len(whole)-14]); err == nil {
		t.Error("half a picture was accepted")
	}
	huge := bytes.Clone(whole)
	binary.BigEndian.PutUint32(huge[16:], 1<<16)
	binary.BigEndian.PutUint32(huge[20:], 1<<16)
	if _, err := dibOfPNG(huge); err == nil {
		t.Error("a huge picture was accepted")
	}
}

func FuzzDecodeDIB(f *testing.F) {
	f.Add(append(header(40, 2, 2, 24, 0, 0), make([]byte, 16)...))
	f.Add(append(header(40, 9, -2, 1, 0, 2), make([]byte, 16)...))
	f.Add(append(header(40, 2, 1, 16, 3, 0, 0xf800, 0x07e0, 0x001f), make([]byte, 4)...))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = decodeDIB(data) })
}
