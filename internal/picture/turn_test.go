package picture

import (
	"image"
	"image/color"
	"testing"
)

// TestTurnPlanes turns planes, of every way in which colours are sampled, and
// holds them against turned pixels.
func TestTurnPlanes(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		img := image.NewYCbCr(image.Rect(0, 0, 64, 32), ratio)
		for i, plane := range [][]byte{img.Y, img.Cb, img.Cr} {
			for at := range plane {
				plane[at] = byte(at*7 + i*31)
			}
		}
		for orientation := 1; orientation <= 8; orientation++ {
			got, want := upright(img, orientation), turnRGBA(img, orientation)
			if got.Bounds() != want.Bounds() {
				t.Fatalf("%v, orientation %d: %v, want %v", ratio, orientation, got.Bounds(), want.Bounds())
			}
			if x, y, ok := differ(got, want); ok {
				t.Errorf("%v, orientation %d: pixel %d, %d is %v, want %v", ratio, orientation, x, y, got.At(x, y), want.At(x, y))
			}
		}
	}
}

// TestTurnOdd turns sizes that planes of colours don't divide.
func TestTurnOdd(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {1, 7}, {7, 1}, {5, 3}} {
		for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio410} {
			for orientation := 1; orientation <= 8; orientation++ {
				img := image.NewYCbCr(image.Rect(0, 0, 16, 16), ratio).SubImage(image.Rectangle{Max: size})
				if got := upright(img, orientation).Bounds(); got != turned(img.Bounds(), orientation) {
					t.Errorf("%v, %v, orientation %d: %v", size, ratio, orientation, got)
				}
			}
		}
	}
}

func differ(a, b image.Image) (x, y int, ok bool) {
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if color.RGBAModel.Convert(a.At(x, y)) != color.RGBAModel.Convert(b.At(x, y)) {
				return x, y, true
			}
		}
	}
	return 0, 0, false
}
