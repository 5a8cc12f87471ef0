package win32

import (
	"image"
	"image/color"
)

// frameColour is the frame's colour, #D6341C.
var frameColour = color.RGBA{R: 0xd6, G: 0x34, B: 0x1c, A: 0xff}

// layered returns a picture as layered windows take it: rows from the top down,
// each pixel as blue, green, red and alpha, premultiplied.
func layered(img *image.Paletted) []byte {
	palette := make([][4]byte, 256) // an index beyond the palette is transparent
	for i, c := range img.Palette {
		if i < len(palette) {
			r, g, b, a := c.RGBA()
			palette[i] = [4]byte{byte(b >> 8), byte(g >> 8), byte(r >> 8), byte(a >> 8)}
		}
	}
	size := img.Bounds().Size()
	pixels := make([]byte, 0, 4*size.X*size.Y)
	for y := range size.Y {
		for _, index := range img.Pix[y*img.Stride:][:size.X] {
			pixels = append(pixels, palette[index][:]...)
		}
	}
	return pixels
}

// plain returns a picture of one colour.
func plain(size image.Point, c color.Color) *image.Paletted {
	return image.NewPaletted(image.Rectangle{Max: size}, color.Palette{c})
}
