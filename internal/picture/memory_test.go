package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"runtime"
	"testing"
)

// TestMemoryEstimate holds what decoding takes against the estimate by which
// pictures are refused.
func TestMemoryEstimate(t *testing.T) {
	square := image.Rect(0, 0, 1024, 1024)
	files := map[string][]byte{
		"gray":    encoded(t, image.NewGray(square)),
		"RGBA":    encoded(t, image.NewNRGBA(square)),
		"16 bits": encoded(t, image.NewNRGBA64(square)),
		"GIF":     gifOf(t, image.NewPaletted(image.Rect(0, 0, 1024, 1000), color.Palette{color.Black, color.White})),
	}
	for _, name := range []string{"progressive.jpg", "progressive444.jpg", "rgb.jpg"} {
		file, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = file
	}
	for name, file := range files {
		h, err := readHead(file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := h.decode(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		runtime.ReadMemStats(&after)
		took := int64(after.TotalAlloc - before.TotalAlloc)
		t.Logf("%s: %d KiB, estimated %d KiB", name, took/1024, h.memory()/1024)
		if took > h.memory()+512<<10 {
			t.Errorf("%s: took %d bytes, estimated %d", name, took, h.memory())
		}
	}
}

func encoded(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t *testing.T, img *image.Paletted) []byte {
	t.Helper()
	var b bytes.Buffer
	config := image.Config{Width: 1024, Height: 1024, ColorModel: img.Palette}
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{img}, Delay: []int{0}, Config: config}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
