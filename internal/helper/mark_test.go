package helper

import (
	"image"
	"math"
	"testing"

	"deskside/internal/helper/device"
)

// seenIn returns how the marks look in a picture of an area, off by some
// pixels of the picture's width.
func seenIn(area image.Rectangle, marks []placed, off float64) (found []Found) {
	part := func(v, from, size int) float64 { return (float64(v-from) + off) / float64(size) }
	for _, m := range marks {
		if m.at.In(area) {
			found = append(found, Found{m.id, part(m.at.Min.X, area.Min.X, area.Dx()), part(m.at.Min.Y, area.Min.Y, area.Dy()),
				part(m.at.Max.X, area.Min.X, area.Dx()), part(m.at.Max.Y, area.Min.Y, area.Dy())})
		}
	}
	return found
}

func TestLocate(t *testing.T) {
	left, right := image.Rect(0, 0, 1920, 1080), image.Rect(1920, -200, 3200, 824)
	twin := image.Rect(-1920, 0, 0, 1080)
	monitors := []device.Monitor{{Area: left}, {Area: right}, {Area: twin}}
	next := uint16(0)
	marks := plan(monitors, func() uint16 { next++; return next })
	all := left.Union(right).Union(twin)
	swapped := func(found []Found) []Found {
		found[0].ID, found[1].ID = found[1].ID, found[0].ID
		return found
	}
	turned := seenIn(left, marks, 0)
	for i, f := range turned {
		turned[i].Left, turned[i].Top, turned[i].Right, turned[i].Bottom = f.Top, f.Left, f.Bottom, f.Right
	}
	broken := seenIn(left, marks, 0)
	broken[0].Left, broken[1].Left = math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		found []Found
		want  image.Rectangle
	}{
		"the main monitor":          {seenIn(left, marks, 0), left},
		"the other":                 {seenIn(right, marks, 0), right},
		"one of the same size":      {seenIn(twin, marks, 0), twin},
		"a little off":              {seenIn(right, marks, 1.5), right},
		"all together":              {seenIn(all, marks, 0), all},
		"a window":                  {seenIn(image.Rect(100, 50, 1900, 1060), marks, 0), image.Rectangle{}},
		"a part of a monitor":       {seenIn(image.Rect(0, 0, 1920, 1040), marks, 0), image.Rectangle{}},
		"one mark":                  {seenIn(left, marks, 0)[:1], image.Rectangle{}},
		"one mark twice":            {append(seenIn(left, marks, 0)[:1], seenIn(left, marks, 0)[0]), image.Rectangle{}},
		"marks that nobody put up":  {[]Found{{77, 0, 0, 0.1, 0.1}, {78, 0.9, 0.9, 1, 1}}, image.Rectangle{}},
		"marks of the wrong places": {swapped(seenIn(left, marks, 0)), image.Rectangle{}},
		"a turned picture":          {turned, image.Rectangle{}},
		"no numbers":                {broken, image.Rectangle{}},
		"nothing":                   {nil, image.Rectangle{}},
	} {
		if got, ok := locate(monitors, marks, c.found); got != c.want || ok != !c.want.Empty() {
			t.Errorf("%s: %v, %v; want %v", name, got, ok, c.want)
		}
	}
}

func TestDrawMark(t *testing.T) {
	m := drawMark(0b1000_0000_0000_0001)
	for at, want := range map[image.Point]uint8{
		{0, 0}: 2, {79, 40}: 2, {15, 15}: 0, {64, 64}: 0, {25, 25}: 1, {35, 25}: 0, {55, 55}: 1, {45, 55}: 0,
	} {
		if got := m.ColorIndexAt(at.X, at.Y); got != want {
			t.Errorf("colour %d at %v, want %d", got, at, want)
		}
	}
}
