package device

import "image"

// Nearest returns the pixel of the monitors that is nearest to a place, which
// is the place itself where one of them has it, and which of them that is; -1
// where there are none.
func Nearest(at image.Point, monitors []Monitor) (on image.Point, which int) {
	on, which = at, -1
	far := 0
	for i, m := range monitors {
		in := image.Pt(
			min(max(at.X, m.Area.Min.X), m.Area.Max.X-1),
			min(max(at.Y, m.Area.Min.Y), m.Area.Max.Y-1),
		)
		off := at.Sub(in)
		if distance := off.X*off.X + off.Y*off.Y; which < 0 || distance < far {
			on, which, far = in, i, distance
		}
	}
	return on, which
}
