package picture

import (
	"context"
	"fmt"
	"image/gif"
)

// maxFrames bounds an animation beside its pixels: each frame has a palette
// of its own.
const maxFrames = 1000

// A gifHead is what a GIF has, as far as it is whole.
type gifHead struct {
	frames int
	pixels int64 // of all frames
}

// readGIFHead goes over the blocks of a GIF (GIF89a, appendix B), so that
// frames are counted before any is decoded.
func readGIFHead(file []byte) (h gifHead) {
	const screen, extension, frame = 13, 0x21, 0x2C
	if len(file) < screen {
		return h
	}
	rest := skip(file, screen+palette(file[10]))
	for len(rest) > 0 {
		switch {
		case rest[0] == extension:
			rest = skipBlocks(skip(rest, 2))
		case rest[0] == frame && len(rest) >= 10:
			h.frames++
			h.pixels += (int64(rest[5]) | int64(rest[6])<<8) * (int64(rest[7]) | int64(rest[8])<<8)
			rest = skipBlocks(skip(rest, 10+palette(rest[9])+1))
		default:
			return h // the end, or nonsense
		}
	}
	return h
}

// palette returns the bytes of the palette that the flags announce.
func palette(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

func skip(b []byte, n int) []byte { return b[min(n, len(b)):] }

// skipBlocks skips blocks that begin with their length, up to an empty one.
func skipBlocks(b []byte) []byte {
	for len(b) > 0 {
		size := int(b[0])
		b = skip(b, 1+size)
		if size == 0 {
			break
		}
	}
	return b
}

// cleanAnimation encodes all frames of an animation anew. Where that can't
// be, it returns no bytes: the first frame is then the picture.
func cleanAnimation(ctx context.Context, h head, limits Limits) (full Encoded, err error) {
	if h.gif.frames < 2 || h.gif.frames > maxFrames || h.gif.pixels > limits.Pixels {
		return full, nil
	}
	all, err := decodeFrames(ctx, h)
	if ctx.Err() != nil {
		return full, ctx.Err()
	}
	if err != nil || len(all.Image) != h.gif.frames {
		return full, nil // a frame is broken
	}
	out := bounded{left: limits.Bytes}
	if err := gif.EncodeAll(&out, all); err != nil {
		return full, nil // too large, or nothing that can be encoded
	}
	return Encoded{"image/gif", h.width, h.height, out.buffer.Bytes()}, nil
}

func decodeFrames(ctx context.Context, h head) (all *gif.GIF, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: the decoder panicked", ErrFormat)
		}
	}()
	return gif.DecodeAll(h.reader(ctx))
}
