package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
)

const (
	quality = 85 // of JPEG, of 100
	// fewColours is up to how many colours a picture is drawn, not
	// photographed: JPEG would blur its edges.
	fewColours = 4096
	// manyPixels is from how many pixels on PNG is compressed fast, not well.
	manyPixels = 4_000_000
	// previewBytes is far above what a preview takes.
	previewBytes = 1 << 20
)

// encode encodes a picture, which may become a PNG where it is transparent
// somewhere or has few colours, in at most limit bytes.
func encode(img image.Image, mayPNG bool, limit int64) (Encoded, error) {
	out := bounded{left: limit}
	e := Encoded{Type: "image/jpeg", Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}
	var err error
	if mayPNG && (!opaque(img) || drawn(img)) {
		e.Type = "image/png"
		err = encodePNG(&out, img)
	} else {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
	}
	if errors.Is(err, ErrTooLarge) {
		return Encoded{}, ErrTooLarge
	}
	if err != nil {
		return Encoded{}, fmt.Errorf("picture: encode: %w", err)
	}
	e.Bytes = out.buffer.Bytes()
	return e, nil
}

func encodePNG(out *bounded, img image.Image) error {
	encoder := png.Encoder{}
	if size := img.Bounds().Size(); size.X*size.Y > manyPixels {
		encoder.CompressionLevel = png.BestSpeed
	}
	if _, ok := img.(*image.NYCbCrA); ok { // the encoder knows it, but goes pixel by pixel, twice
		flat := image.NewNRGBA(img.Bounds())
		draw.Draw(flat, flat.Rect, img, flat.Rect.Min, draw.Src)
		img = flat
	}
	return encoder.Encode(out, img)
}

// makePreview makes a small picture: JPEG, or PNG where it is transparent
// somewhere.
func makePreview(img image.Image) (Encoded, error) {
	small := image.NewRGBA(previewBounds(img.Bounds()))
	draw.CatmullRom.Scale(small, small.Rect, img, img.Bounds(), draw.Src, nil)
	return encode(small, !small.Opaque(), previewBytes)
}

// previewBounds fits a picture into the preview. It enlarges none.
func previewBounds(r image.Rectangle) image.Rectangle {
	width, height := r.Dx(), r.Dy()
	longest := max(width, height)
	if longest <= PreviewSize {
		return image.Rect(0, 0, width, height)
	}
	return image.Rect(0, 0, max(1, width*PreviewSize/longest), max(1, height*PreviewSize/longest))
}

// opaque says whether nothing shines through.
func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// drawn says whether a picture has few colours.
func drawn(img image.Image) bool {
	pixels, ok := img.(image.RGBA64Image)
	if !ok {
		return false
	}
	seen := make(map[color.RGBA64]struct{}, fewColours)
	var last color.RGBA64 // black and clear: in no opaque picture
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			c := pixels.RGBA64At(x, y)
			if c == last {
				continue
			}
			last = c
			if seen[c] = struct{}{}; len(seen) > fewColours {
				return false
			}
		}
	}
	return true
}

// A bounded buffer takes so many bytes and no more.
type bounded struct {
	buffer bytes.Buffer
	left   int64
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, ErrTooLarge
	}
	return b.buffer.Write(p)
}
