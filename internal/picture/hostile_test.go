package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/jpeg"
	"runtime"
	"slices"
	"strings"
	"testing"

	"deskside/internal/picture"
)

// TestHostile refuses what is made to hurt. None of it may take memory for
// the pixels that it promises.
func TestHostile(t *testing.T) {
	gray := encodeJPEG(t, image.NewGray(image.Rect(0, 0, 8, 8)))
	scan := []byte{0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0}
	for name, test := range map[string]struct {
		file []byte
		want error
	}{
		"PNG of 4 thousand million pixels":  {pngHead(65535, 65535, 8, 6, 0), picture.ErrTooLarge},
		"PNG of the largest numbers":        {pngHead(1<<31-1, 1<<31-1, 8, 6, 0), picture.ErrFormat},
		"PNG of no width":                   {pngHead(0, 10, 8, 6, 0), picture.ErrFormat},
		"PNG, 16 bits, interlaced":          {pngHead(6000, 6000, 16, 6, 1), picture.ErrTooLarge},
		"PNG, one pixel too many":           {pngHead(40_000_001, 1, 8, 2, 0), picture.ErrTooLarge},
		"JPEG of 4 thousand million pixels": {withSize(gray, 65535, 65535), picture.ErrTooLarge},
		"JPEG of no height":                 {withSize(gray, 65535, 0), picture.ErrFormat},
		"JPEG of many scans":                {slices.Insert(bytes.Clone(gray), len(gray)-2, bytes.Repeat(scan, 100)...), picture.ErrTooLarge},
		"GIF of 4 thousand million pixels":  {[]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), picture.ErrTooLarge},
		"WebP of 16 million million":        {webp("VP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x01\x7f\x00"), picture.ErrTooLarge},
		"WebP that says it is small":        {webp("VP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00VP8L\x06\x00\x00\x00\x2f\xff\xff\xff\x0f\x00"), picture.ErrFormat},
		"animated WebP":                     {readFile(t, "testdata/animated.webp"), picture.ErrFormat},
		"SVG":                               {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), picture.ErrFormat},
		"HTML that says it is a GIF":        {[]byte("GIF89a/*<svg/onload=alert(1)>*/=1;"), picture.ErrTooLarge},
		"text":                              {[]byte("hello"), picture.ErrFormat},
		"too many bytes":                    {append(encodePNG(t, drawing(9, 9)), make([]byte, 33<<20)...), picture.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := picture.Clean(t.Context(), bytes.NewReader(test.file), picture.Limits{})
			runtime.ReadMemStats(&after)
			if !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
			// What io.ReadAll takes for the file, growing, and some.
			if took, may := after.TotalAlloc-before.TotalAlloc, uint64(6*len(test.file)+1<<20); took > may {
				t.Errorf("took %d bytes for a file of %d", took, len(test.file))
			}
		})
	}
}

// TestTruncated cuts files off everywhere. (A GIF whose first frame is whole,
// and pictures whose last bytes carry no pixel, are still pictures.)
func TestTruncated(t *testing.T) {
	for name, file := range map[string][]byte{
		"PNG":  encodePNG(t, drawing(40, 40)),
		"JPEG": encodeJPEG(t, photo(20, 20)),
		"WebP": readFile(t, "testdata/lossless.webp"),
		"GIF":  encodeGIF(t, 20, 20, frame(20, 20, 1)),
	} {
		for n := range len(file) * 3 / 4 {
			_, err := picture.Clean(t.Context(), bytes.NewReader(file[:n]), picture.Limits{})
			if !errors.Is(err, picture.ErrFormat) {
				t.Errorf("%s, %d of %d bytes: %v", name, n, len(file), err)
			}
		}
	}
}

// TestOutputIsBounded encodes pictures anew that are larger then.
func TestOutputIsBounded(t *testing.T) {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, photo(300, 300), &jpeg.Options{Quality: 10}); err != nil {
		t.Fatal(err)
	}
	size := int64(file.Len())
	for limit, want := range map[int64]error{size: picture.ErrTooLarge, 10 * size: nil} {
		if _, err := picture.Clean(t.Context(), bytes.NewReader(file.Bytes()), picture.Limits{Bytes: limit}); !errors.Is(err, want) {
			t.Errorf("%d bytes allowed for a file of %d: %v, want %v", limit, size, err, want)
		}
	}
}

// FuzzClean looks for files that break more than themselves.
func FuzzClean(f *testing.F) {
	for _, file := range [][]byte{
		encodePNG(f, drawing(9, 9)), encodePNG(f, clear(9, 9)), encodeJPEG(f, photo(9, 9)),
		withEXIF(encodeJPEG(f, photo(16, 8)), "MM", 6), encodeGIF(f, 9, 9, frame(9, 9, 1), frame(5, 5, 2)),
		webp("VP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x01\x7f\x00"), pngHead(9, 9, 16, 4, 1),
	} {
		f.Add(file)
	}
	limits := picture.Limits{Bytes: 1 << 20, Pixels: 1 << 16}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := picture.Clean(t.Context(), bytes.NewReader(file), limits)
		if err != nil {
			if !errors.Is(err, picture.ErrFormat) && !errors.Is(err, picture.ErrTooLarge) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		for _, e := range []picture.Encoded{got.Full, got.Preview} {
			config, kind, err := image.DecodeConfig(bytes.NewReader(e.Bytes))
			if err != nil || "image/"+kind != e.Type || config.Width != e.Width || config.Height != e.Height {
				t.Errorf("it is %s, %d×%d, and says %s, %d×%d: %v", kind, config.Width, config.Height, e.Type, e.Width, e.Height, err)
			}
		}
		if got.Preview.Width > picture.PreviewSize || got.Preview.Height > picture.PreviewSize {
			t.Errorf("the preview is %d×%d", got.Preview.Width, got.Preview.Height)
		}
	})
}

// pngHead returns a PNG that promises much and has no pixel.
func pngHead(width, height uint32, depth, kind, interlace byte) []byte {
	ihdr := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	ihdr = append(binary.BigEndian.AppendUint32(ihdr, height), depth, kind, 0, 0, interlace)
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	file = binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(ihdr))
	return append(file, "\x00\x00\x00\x10IDAT"...)
}

// withSize changes what a JPEG says of its size.
func withSize(file []byte, width, height uint16) []byte {
	out := bytes.Clone(file)
	at := bytes.Index(out, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(out[at+5:], height)
	binary.BigEndian.PutUint16(out[at+7:], width)
	return out
}

func webp(chunks string) []byte {
	file := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+len(chunks)))
	return append(file, "WEBP"+chunks+strings.Repeat("\x00", len(chunks)%2)...)
}
