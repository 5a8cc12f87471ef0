package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// A kind is a format that is decoded.
type kind int

const (
	kindPNG kind = iota
	kindJPEG
	kindWebP
	kindGIF
)

// A head is what a file says of itself before its pixels.
type head struct {
	file          []byte
	kind          kind
	width, height int
	model         color.Model
	jpeg          jpegHead // of a JPEG
	gif           gifHead  // of a GIF
}

// sniff says what a file is by its first bytes, the only thing about it that
// counts.
func sniff(file []byte) (kind, error) {
	switch {
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		return kindPNG, nil
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		return kindJPEG, nil
	case len(file) > 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		return kindWebP, nil
	case bytes.HasPrefix(file, []byte("GIF87a")), bytes.HasPrefix(file, []byte("GIF89a")):
		return kindGIF, nil
	}
	return 0, ErrFormat
}

func readHead(file []byte) (h head, err error) {
	h.file = file
	if h.kind, err = sniff(file); err != nil {
		return h, err
	}
	config, err := map[kind]func(io.Reader) (image.Config, error){
		kindPNG: png.DecodeConfig, kindJPEG: jpeg.DecodeConfig, kindWebP: webp.DecodeConfig, kindGIF: gif.DecodeConfig,
	}[h.kind](bytes.NewReader(file))
	if err != nil {
		return h, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	h.width, h.height, h.model = config.Width, config.Height, config.ColorModel
	switch h.kind {
	case kindJPEG:
		h.jpeg, err = readJPEGHead(file)
	case kindGIF:
		h.gif = readGIFHead(file)
	}
	return h, err
}

// judge holds the head against the limits.
func (h head) judge(limits Limits) error {
	switch {
	case h.width <= 0 || h.height <= 0:
		return ErrFormat
	case int64(h.width) > limits.Pixels/int64(h.height):
		return ErrTooLarge
	case h.memory() > limits.Memory:
		return ErrTooLarge
	case h.jpeg.scans > maxScans:
		return ErrTooLarge
	}
	return nil
}

// memory estimates how many bytes decoding and turning take at most.
func (h head) memory() int64 {
	pixels := int64(h.width) * int64(h.height)
	switch h.kind {
	case kindJPEG:
		return h.jpeg.memory(pixels)
	case kindWebP:
		return 8 * pixels // lossless: before and after a transformation
	case kindGIF:
		return 5 * pixels // a frame, and the canvas that it is put on
	}
	// A gray PNG may be transparent too, and is RGBA then.
	need := 4 * pixels
	switch h.model {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		need = 8 * pixels
	}
	const interlace = 28 // where IHDR has it
	if len(h.file) > interlace && h.file[interlace] != 0 {
		need *= 2 // each pass is a picture of its own first
	}
	return need
}

func (h head) reader(ctx context.Context) io.Reader {
	return contextReader{ctx, bytes.NewReader(h.file)}
}

func (h head) decodeKind(r io.Reader) (image.Image, error) {
	switch h.kind {
	case kindPNG:
		return png.Decode(r)
	case kindJPEG:
		return jpeg.Decode(r)
	case kindWebP:
		return webp.Decode(r)
	}
	frame, err := gif.Decode(r)
	if err != nil || frame.Bounds() == image.Rect(0, 0, h.width, h.height) {
		return frame, err
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, h.width, h.height))
	draw.Draw(canvas, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return canvas, nil
}
