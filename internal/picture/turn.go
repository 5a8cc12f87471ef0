package picture

import (
	"image"

	"golang.org/x/image/draw"
)

// upright turns and mirrors a picture that lies as the orientation of EXIF
// says. Planes are turned as they are, which needs half the memory of RGBA
// and no conversion.
func upright(img image.Image, orientation int) image.Image {
	if orientation <= 1 || orientation > 8 {
		return img
	}
	switch img := img.(type) {
	case *image.Gray:
		out := image.NewGray(turned(img.Rect, orientation))
		turnPlane(out.Pix, img.Pix, out.Rect.Dx(), out.Rect.Dy(), out.Stride, img.Stride, 1, orientation)
		return out
	case *image.YCbCr:
		if ratio, ok := turnedRatio(img.SubsampleRatio, orientation); ok {
			return turnYCbCr(img, ratio, orientation)
		}
	}
	return turnRGBA(img, orientation)
}

// swaps says whether width and height change places.
func swaps(orientation int) bool { return orientation >= 5 }

// turned returns the bounds of the upright picture.
func turned(r image.Rectangle, orientation int) image.Rectangle {
	if swaps(orientation) {
		return image.Rect(0, 0, r.Dy(), r.Dx())
	}
	return image.Rect(0, 0, r.Dx(), r.Dy())
}

// turnedRatio returns how the colours of the upright picture are sampled; ok
// is false where there is no such way.
func turnedRatio(r image.YCbCrSubsampleRatio, orientation int) (turned image.YCbCrSubsampleRatio, ok bool) {
	if !swaps(orientation) {
		return r, true
	}
	turned, ok = map[image.YCbCrSubsampleRatio]image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444: image.YCbCrSubsampleRatio444,
		image.YCbCrSubsampleRatio420: image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio422: image.YCbCrSubsampleRatio440,
		image.YCbCrSubsampleRatio440: image.YCbCrSubsampleRatio422,
	}[r]
	return turned, ok
}

func turnYCbCr(img *image.YCbCr, ratio image.YCbCrSubsampleRatio, orientation int) image.Image {
	out := image.NewYCbCr(turned(img.Rect, orientation), ratio)
	width, height := out.Rect.Dx(), out.Rect.Dy()
	turnPlane(out.Y, img.Y, width, height, out.YStride, img.YStride, 1, orientation)
	width, height = out.CStride, len(out.Cb)/out.CStride
	turnPlane(out.Cb, img.Cb, width, height, out.CStride, img.CStride, 1, orientation)
	turnPlane(out.Cr, img.Cr, width, height, out.CStride, img.CStride, 1, orientation)
	return out
}

func turnRGBA(img image.Image, orientation int) image.Image {
	flat, ok := img.(*image.RGBA)
	if !ok {
		flat = image.NewRGBA(img.Bounds())
		draw.Draw(flat, flat.Rect, img, flat.Rect.Min, draw.Src)
	}
	out := image.NewRGBA(turned(flat.Rect, orientation))
	turnPlane(out.Pix, flat.Pix, out.Rect.Dx(), out.Rect.Dy(), out.Stride, flat.Stride, 4, orientation)
	return out
}

// turnPlane fills out, width by height samples of size bytes, from a plane
// that lies as the orientation says.
func turnPlane(out, in []byte, width, height, outStride, inStride, size, orientation int) {
	right, bottom := (width-1)*size, (height-1)*inStride // of the plane as it lies
	if swaps(orientation) {
		right, bottom = (height-1)*size, (width-1)*inStride
	}
	// Where the upright picture begins, and how far its next column and its
	// next row are.
	path := [9]struct{ first, column, row int }{
		1: {0, size, inStride},
		2: {right, -size, inStride},
		3: {right + bottom, -size, -inStride},
		4: {bottom, size, -inStride},
		5: {0, inStride, size},
		6: {bottom, -inStride, size},
		7: {right + bottom, -inStride, -size},
		8: {right, inStride, -size},
	}[orientation]
	for y := range height {
		from, to := path.first+y*path.row, y*outStride
		for range width {
			for i := range size {
				out[to+i] = in[from+i]
			}
			from, to = from+path.column, to+size
		}
	}
}
