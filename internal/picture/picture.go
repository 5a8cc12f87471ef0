// Package picture makes pictures of strangers safe to show: it decodes PNG
// (the W3C's, third edition), JPEG (ITU-T T.81), WebP (RFC 9649) and GIF
// (GIF89a), and encodes anew what it saw. Nothing of the file is left but
// pixels: no metadata (place, camera, colour profile, comments), nothing
// hidden between the parts or behind the end.
//
// It guarantees:
//   - Sizes are read and judged before pixels are decoded, so that no small
//     file makes a huge picture.
//   - One picture is decoded at a time in a process; others wait. Memory is
//     bounded by Limits, not by the number of uploads.
//   - A file that is broken, or not one of the four, is ErrFormat, whatever it
//     is called; one beyond Limits is ErrTooLarge. Both stay files that can be
//     downloaded; only showing them is refused.
package picture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"runtime/debug"
)

// The refusals; errors.Is finds them. Other errors are those of ctx and of
// the reader.
var (
	ErrFormat   = errors.New("picture: not a whole PNG, JPEG, WebP or GIF")
	ErrTooLarge = errors.New("picture: too large to be shown")
)

// Limits bound what is decoded. A zero means the default.
type Limits struct {
	// Bytes bounds the file, and what is made of it; 32 MiB by default.
	Bytes int64
	// Pixels bounds width × height, and for an animation the sum of its
	// frames; 40 million by default.
	Pixels int64
	// Memory bounds the bytes that decoding needs beside the file, by an
	// estimate; 320 million by default: 40 million pixels of 16-bit RGBA.
	Memory int64
}

func (l Limits) withDefaults() Limits {
	for _, limit := range []struct {
		value    *int64
		fallback int64
	}{{&l.Bytes, 32 << 20}, {&l.Pixels, 40_000_000}, {&l.Memory, 320_000_000}} {
		if *limit.value == 0 {
			*limit.value = limit.fallback
		}
	}
	return l
}

// PreviewSize is the most that a preview is wide and high, in pixels.
const PreviewSize = 320

// An Encoded picture is one that this package has encoded.
type Encoded struct {
	Type          string // image/png, image/jpeg or image/gif
	Width, Height int    // pixels
	Bytes         []byte
}

// A Picture is what is safe to show of a file.
type Picture struct {
	Full    Encoded // in its own size, the right way up
	Preview Encoded // at most PreviewSize wide and high, never animated
}

// large is from how many bytes of pixels on memory is given back at once.
const large = 32 << 20

// turn is held by whoever decodes.
var turn = make(chan struct{}, 1)

// Clean decodes the picture that r gives, and encodes it anew: a GIF whose
// frames are all whole and within the limits as GIF; what is transparent
// somewhere or has few colours as PNG; all else as JPEG. It reads r while
// others wait, so r must be fast: a store, not a request.
func Clean(ctx context.Context, r io.Reader, limits Limits) (Picture, error) {
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return Picture{}, ctx.Err()
	}
	limits = limits.withDefaults()
	file, err := io.ReadAll(contextReader{ctx, io.LimitReader(r, limits.Bytes+1)})
	if err != nil {
		return Picture{}, fmt.Errorf("picture: read: %w", err)
	}
	if int64(len(file)) > limits.Bytes {
		return Picture{}, ErrTooLarge
	}
	h, err := readHead(file)
	if err == nil {
		err = h.judge(limits)
	}
	if err != nil {
		return Picture{}, err
	}
	if h.memory() > large {
		// Else the next picture finds this one's remains still there.
		defer debug.FreeOSMemory()
	}
	return clean(ctx, h, limits)
}

func clean(ctx context.Context, h head, limits Limits) (Picture, error) {
	img, err := h.decode(ctx)
	if err != nil {
		return Picture{}, err
	}
	preview, err := makePreview(img)
	if err != nil {
		return Picture{}, err
	}
	if h.kind == kindGIF {
		if full, err := cleanAnimation(ctx, h, limits); full.Bytes != nil || err != nil {
			return Picture{full, preview}, err
		}
	}
	full, err := encode(img, h.kind != kindJPEG, limits.Bytes)
	return Picture{full, preview}, err
}

// decode returns the pixels, the right way up. A decoder that panics over
// what somebody made for that must not end the server.
func (h head) decode(ctx context.Context) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			img, err = nil, fmt.Errorf("%w: the decoder panicked", ErrFormat)
		}
	}()
	img, err = h.decodeKind(h.reader(ctx))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if size := img.Bounds().Size(); size.X > h.width || size.Y > h.height {
		return nil, ErrFormat // it is not what its head said
	}
	if h.kind == kindJPEG {
		img = upright(img, h.jpeg.orientation)
	}
	return eightBits(img), nil
}

// A contextReader ends with its context: decoders know none.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
