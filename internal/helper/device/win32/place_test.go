package win32

import (
	"image"
	"image/color"
	"slices"
	"testing"
)

func TestPacked(t *testing.T) {
	for _, test := range []struct {
		at   image.Point
		want uint64
	}{
		{image.Pt(1, 2), 0x00000002_00000001},
		{image.Pt(-1, 2), 0x00000002_ffffffff},
		{image.Pt(1, -2), 0xfffffffe_00000001},
	} {
		if got := uint64(packed(test.at)); got != test.want {
			t.Errorf("%v: %#x, want %#x", test.at, got, test.want)
		}
	}
}

func TestBars(t *testing.T) {
	want := [4]image.Rectangle{
		image.Rect(10, 20, 110, 24), image.Rect(10, 66, 110, 70),
		image.Rect(10, 24, 14, 66), image.Rect(106, 24, 110, 66),
	}
	if got := bars(image.Rect(10, 20, 110, 70)); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	// However small the area is, each pixel within 4 of an edge is in one bar.
	for width := range 12 {
		for height := range 12 {
			area := image.Rect(-3, 5, -3+width, 5+height)
			var covered int
			all := bars(area)
			for i, bar := range all {
				covered += bar.Dx() * bar.Dy()
				if !bar.In(area) {
					t.Errorf("%v: bar %v sticks out", area, bar)
				}
				for _, other := range all[:i] {
					if bar.Overlaps(other) {
						t.Errorf("%v: %v and %v overlap", area, bar, other)
					}
				}
			}
			inside := max(width-8, 0) * max(height-8, 0)
			if covered != width*height-inside {
				t.Errorf("%v: %d pixels covered", area, covered)
			}
		}
	}
}

func TestLayered(t *testing.T) {
	img := image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{
		color.RGBA{R: 0xd6, G: 0x34, B: 0x1c, A: 0xff},
		color.NRGBA{R: 0xff, A: 0x80},
	})
	img.Pix = []byte{0, 1, 0, 1, 2, 1}
	cut := img.SubImage(image.Rect(1, 0, 3, 2)).(*image.Paletted)
	want := []byte{
		0, 0, 0x80, 0x80, 0x1c, 0x34, 0xd6, 0xff,
		0, 0, 0, 0, 0, 0, 0x80, 0x80,
	}
	if got := layered(cut); !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	if got, want := layered(plain(image.Pt(2, 1), frameColour)), []byte{0x1c, 0x34, 0xd6, 0xff, 0x1c, 0x34, 0xd6, 0xff}; !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}
