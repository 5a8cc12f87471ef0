package helper

import (
	"image"
	"image/color"
	"math"

	"deskside/internal/helper/device"
)

// A mark is a square of 8 by 8 cells: a ring of magenta, which screens seldom
// show, within it a ring of white, and within that 16 bits of its number,
// black for 1, from the left upper corner on by rows.
const (
	markCells = 8
	cell      = 10 // pixels
	markSize  = markCells * cell
)

var markColours = color.Palette{color.RGBA{255, 255, 255, 255}, color.RGBA{0, 0, 0, 255}, color.RGBA{255, 0, 255, 255}}

// drawMark draws the mark with a number.
func drawMark(id uint16) *image.Paletted {
	m := image.NewPaletted(image.Rect(0, 0, markSize, markSize), markColours)
	for y := range markSize {
		for x := range markSize {
			m.SetColorIndex(x, y, markCell(id, x/cell, y/cell))
		}
	}
	return m
}

func markCell(id uint16, x, y int) uint8 {
	ring := min(x, y, markCells-1-x, markCells-1-y)
	switch {
	case ring == 0:
		return 2
	case ring == 1:
		return 0
	}
	return uint8(id >> (15 - (4*(y-2) + x - 2)) & 1)
}

// A placed is a mark on the screen.
type placed struct {
	id uint16
	at image.Rectangle
}

// inset is how far from the corner of a monitor a mark is, as a part of its
// size: panels and docks often lie at the edges, above everything.
const inset = 12

// plan puts two marks on each monitor, near opposite corners. id gives numbers.
func plan(monitors []device.Monitor, id func() uint16) (marks []placed) {
	for _, m := range monitors {
		a := m.Area
		if a.Dx() < 3*markSize || a.Dy() < 3*markSize {
			continue
		}
		by := image.Pt(a.Dx()/inset, a.Dy()/inset)
		for _, at := range []image.Point{a.Min.Add(by), a.Max.Sub(by).Sub(image.Pt(markSize, markSize))} {
			marks = append(marks, placed{id(), image.Rectangle{at, at.Add(image.Pt(markSize, markSize))}})
		}
	}
	return marks
}

// A Found is a mark as the end-user's page finds it in the shared picture:
// its edges as parts of the picture, 0 to 1.
type Found struct {
	ID     uint16  `json:"id"`
	Left   float64 `json:"left"`
	Top    float64 `json:"top"`
	Right  float64 `json:"right"`
	Bottom float64 `json:"bottom"`
}

// locate returns which part of the screen the picture shows, if it is the
// whole of a monitor, or of all together. It trusts nothing that does not fit.
func locate(monitors []device.Monitor, marks []placed, found []Found) (image.Rectangle, bool) {
	var x, y line
	seen := make(map[uint16]bool)
	for _, f := range found {
		for _, m := range marks {
			if m.id == f.ID && !seen[f.ID] {
				seen[f.ID] = true
				x.add(f.Left, m.at.Min.X)
				x.add(f.Right, m.at.Max.X)
				y.add(f.Top, m.at.Min.Y)
				y.add(f.Bottom, m.at.Max.Y)
			}
		}
	}
	if len(seen) < 2 {
		return image.Rectangle{}, false
	}
	var all image.Rectangle
	var areas []image.Rectangle
	for _, m := range monitors {
		areas = append(areas, m.Area)
		all = all.Union(m.Area)
	}
	for _, a := range append(areas, all) {
		if x.spans(a.Min.X, a.Max.X) && y.spans(a.Min.Y, a.Max.Y) {
			return a, true
		}
	}
	return image.Rectangle{}, false
}

// A line is fitted through places of the picture (parts) and of the screen
// (pixels), by least squares.
type line struct{ n, f, p, ff, fp, pp float64 }

func (l *line) add(part float64, pixel int) {
	p := float64(pixel)
	l.n++
	l.f += part
	l.p += p
	l.ff += part * part
	l.fp += part * p
	l.pp += p * p
}

// spans says whether the picture reaches from one pixel to the other, as well
// as its own pixels let one see.
func (l *line) spans(from, to int) bool {
	spread := l.n*l.ff - l.f*l.f
	if !(spread > 1e-6) { // also what is no number
		return false
	}
	scale := (l.n*l.fp - l.f*l.p) / spread
	begin := (l.p - scale*l.f) / l.n
	worst := max(3, 0.004*float64(to-from))
	rest := (l.pp - begin*l.p - scale*l.fp) / l.n // how far the places are off the line, squared
	return math.Abs(begin-float64(from)) <= worst && math.Abs(begin+scale-float64(to)) <= worst && rest <= worst*worst
}
