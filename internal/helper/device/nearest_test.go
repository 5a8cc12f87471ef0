package device_test

import (
	"image"
	"testing"

	"deskside/internal/helper/device"
)

func TestNearest(t *testing.T) {
	monitors := []device.Monitor{
		{Area: image.Rect(0, 0, 1440, 900)},
		{Area: image.Rect(-1920, -300, 0, 780)}, // to the left, higher
	}
	for _, test := range []struct {
		at, want image.Point
		which    int
	}{
		{image.Pt(100, 100), image.Pt(100, 100), 0},
		{image.Pt(-1, -300), image.Pt(-1, -300), 1},
		{image.Pt(1440, 900), image.Pt(1439, 899), 0},
		{image.Pt(700, -200), image.Pt(700, 0), 0},
		{image.Pt(-1500, 1500), image.Pt(-1500, 779), 1},
		{image.Pt(-5000, 4), image.Pt(-1920, 4), 1},
		{image.Pt(1440, -1), image.Pt(1439, 0), 0},
	} {
		if got, which := device.Nearest(test.at, monitors); got != test.want || which != test.which {
			t.Errorf("%v is put on %v of %d, want %v of %d", test.at, got, which, test.want, test.which)
		}
	}
	if got, which := device.Nearest(image.Pt(1, 2), nil); got != image.Pt(1, 2) || which != -1 {
		t.Errorf("without monitors: %v of %d", got, which)
	}
}
