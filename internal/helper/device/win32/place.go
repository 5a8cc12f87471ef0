package win32

import "image"

// packed is a POINT as 64-bit Windows takes it by value.
func packed(p image.Point) uintptr {
	return uintptr(uint64(uint32(int32(p.X))) | uint64(uint32(int32(p.Y)))<<32)
}

// frameWidth is the width of the frame's bars, in pixels.
const frameWidth = 4

// bars returns the four bars of a frame along the inner edges of an area: top,
// bottom, left, right. They don't overlap; in a small area some are empty.
func bars(area image.Rectangle) [4]image.Rectangle {
	w := min(frameWidth, (area.Dx()+1)/2)
	h := min(frameWidth, (area.Dy()+1)/2)
	bar := func(x0, y0, x1, y1 int) image.Rectangle {
		return image.Rectangle{Min: image.Pt(x0, y0), Max: image.Pt(x1, y1)}.Intersect(area)
	}
	x0, y0, x1, y1 := area.Min.X, area.Min.Y, area.Max.X, area.Max.Y
	return [4]image.Rectangle{
		bar(x0, y0, x1, y0+h),
		bar(x0, max(y1-h, y0+h), x1, y1),
		bar(x0, y0+h, x0+w, y1-h),
		bar(max(x1-w, x0+w), y0+h, x1, y1-h),
	}
}
