package picture

import "image"

// eightBits drops the lower half of 16-bit samples, which no screen shows, in
// the memory where they are. Encoders box such pixels one by one.
func eightBits(img image.Image) image.Image {
	switch img := img.(type) {
	case *image.NRGBA64:
		return &image.NRGBA{Pix: upper(img.Pix), Stride: img.Stride / 2, Rect: img.Rect}
	case *image.RGBA64:
		return &image.RGBA{Pix: upper(img.Pix), Stride: img.Stride / 2, Rect: img.Rect}
	case *image.Gray16:
		return &image.Gray{Pix: upper(img.Pix), Stride: img.Stride / 2, Rect: img.Rect}
	}
	return img
}

// upper moves the first of each two bytes to the front.
func upper(pix []byte) []byte {
	half := pix[:len(pix)/2]
	for i := range half {
		half[i] = pix[2*i]
	}
	return half
}
