package picture_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"deskside/internal/picture"
)

// shape is what a test says of an encoded picture.
type shape struct {
	Type          string
	Width, Height int
}

func shapeOf(e picture.Encoded) shape { return shape{e.Type, e.Width, e.Height} }

func TestClean(t *testing.T) {
	for name, test := range map[string]struct {
		file          []byte
		full, preview shape
	}{
		"drawing":      {encodePNG(t, drawing(800, 600)), shape{"image/png", 800, 600}, shape{"image/jpeg", 320, 240}},
		"transparent":  {encodePNG(t, clear(400, 800)), shape{"image/png", 400, 800}, shape{"image/png", 160, 320}},
		"photo as PNG": {encodePNG(t, photo(640, 320)), shape{"image/jpeg", 640, 320}, shape{"image/jpeg", 320, 160}},
		"small":        {encodePNG(t, drawing(3, 2)), shape{"image/png", 3, 2}, shape{"image/jpeg", 3, 2}},
		"16 bits":      {encodePNG(t, image.NewRGBA64(image.Rect(0, 0, 5, 5))), shape{"image/png", 5, 5}, shape{"image/png", 5, 5}},
		"JPEG":         {encodeJPEG(t, photo(1000, 10)), shape{"image/jpeg", 1000, 10}, shape{"image/jpeg", 320, 3}},
		"gray JPEG":    {encodeJPEG(t, image.NewGray(image.Rect(0, 0, 9, 700))), shape{"image/jpeg", 9, 700}, shape{"image/jpeg", 4, 320}},
		"lossy WebP":   {readFile(t, "testdata/lossy.webp"), shape{"image/png", 64, 48}, shape{"image/jpeg", 64, 48}},
		"WebP":         {readFile(t, "testdata/lossless.webp"), shape{"image/png", 64, 48}, shape{"image/jpeg", 64, 48}},
		"clear WebP":   {readFile(t, "testdata/alpha.webp"), shape{"image/png", 64, 48}, shape{"image/png", 64, 48}},
		"GIF":          {encodeGIF(t, 10, 10, frame(10, 10, 1)), shape{"image/png", 10, 10}, shape{"image/jpeg", 10, 10}},
		"long":         {encodePNG(t, drawing(1, 100_000)), shape{"image/png", 1, 100_000}, shape{"image/jpeg", 1, 320}},
		"wide":         {encodePNG(t, drawing(100_000, 1)), shape{"image/png", 100_000, 1}, shape{"image/jpeg", 320, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			got := clean(t, test.file)
			if diff := cmp.Diff([]shape{test.full, test.preview}, []shape{shapeOf(got.Full), shapeOf(got.Preview)}); diff != "" {
				t.Error(diff)
			}
			for _, e := range []picture.Encoded{got.Full, got.Preview} {
				if size := decode(t, e.Bytes).Bounds().Size(); size != image.Pt(e.Width, e.Height) {
					t.Errorf("it is %v, and says %d×%d", size, e.Width, e.Height)
				}
			}
		})
	}
}

// TestPixelsStay holds what is encoded without loss against what was sent.
func TestPixelsStay(t *testing.T) {
	deep, deepGray, deepClear := image.NewRGBA64(image.Rect(0, 0, 70, 50)), image.NewGray16(image.Rect(0, 0, 70, 50)), image.NewNRGBA64(image.Rect(0, 0, 70, 50))
	draw.Draw(deep, deep.Rect, drawing(70, 50), image.Point{}, draw.Src)
	draw.Draw(deepGray, deep.Rect, drawing(70, 50), image.Point{}, draw.Src)
	for i, v := range clear(70, 50).(*image.NRGBA).Pix {
		deepClear.Pix[2*i], deepClear.Pix[2*i+1] = v, v
	}
	gray := image.NewGray(deep.Rect)
	draw.Draw(gray, deep.Rect, deepGray, image.Point{}, draw.Src)
	for name, test := range map[string]struct{ sent, want image.Image }{
		"drawing":              {drawing(70, 50), drawing(70, 50)},
		"transparent":          {clear(70, 50), clear(70, 50)},
		"16 bits":              {deep, drawing(70, 50)},
		"16 bits, gray":        {deepGray, gray},
		"16 bits, transparent": {deepClear, clear(70, 50)},
	} {
		got := decode(t, clean(t, encodePNG(t, test.sent)).Full.Bytes)
		for y := range 50 {
			for x := range 70 {
				if want := color.NRGBAModel.Convert(test.want.At(x, y)); color.NRGBAModel.Convert(got.At(x, y)) != want {
					t.Fatalf("%s: pixel %d, %d is %v, want %v", name, x, y, got.At(x, y), want)
				}
			}
		}
	}
}

// TestOrientation lays a picture with four coloured corners in each of the
// eight ways; it comes out upright.
func TestOrientation(t *testing.T) {
	want := []string{"red", "green", "blue", "white"}
	for orientation := 1; orientation <= 8; orientation++ {
		lying := lay(corners(96, 64), orientation)
		for _, order := range []string{"II", "MM"} {
			got := clean(t, withEXIF(encodeJPEG(t, lying), order, orientation)).Full
			if diff := cmp.Diff(want, cornersOf(decode(t, got.Bytes))); diff != "" || got.Width != 96 {
				t.Errorf("orientation %d, %s: %d wide, %s", orientation, order, got.Width, diff)
			}
		}
		gray := clean(t, withEXIF(encodeJPEG(t, image.NewGray(lying.Bounds())), "II", orientation)).Full
		if gray.Width != 96 || gray.Height != 64 {
			t.Errorf("orientation %d, gray: %d×%d", orientation, gray.Width, gray.Height)
		}
	}
}

// TestNothingButPixels hides things in all the places that files have for
// them.
func TestNothingButPixels(t *testing.T) {
	const secret = "<script>alert('51.5074 N')</script>"
	behind := []byte(secret + "PK\x03\x04" + secret)
	pngFile, jpegFile := encodePNG(t, drawing(50, 50)), encodeJPEG(t, photo(50, 50))
	gifFile := encodeGIF(t, 20, 20, frame(20, 20, 1), frame(20, 20, 2))
	comment := append([]byte{0x21, 0xFE, byte(len(secret))}, secret+"\x00"...)
	for name, file := range map[string][]byte{
		"behind a PNG":  append(bytes.Clone(pngFile), behind...),
		"behind a JPEG": append(bytes.Clone(jpegFile), behind...),
		"behind a GIF":  append(bytes.Clone(gifFile), behind...),
		"behind a WebP": append(readFile(t, "testdata/lossy.webp"), behind...),
		"PNG text":      withChunk(pngFile, "tEXt", "Comment\x00"+secret),
		"PNG profile":   withChunk(pngFile, "iCCP", "Adobe\x00\x00"+secret),
		"PNG EXIF":      withChunk(pngFile, "eXIf", "II*\x00"+secret),
		"JPEG comment":  withSegment(jpegFile, 0xFE, secret),
		"JPEG profile":  withSegment(jpegFile, 0xE2, "ICC_PROFILE\x00\x01\x01"+secret),
		"JPEG XMP":      withSegment(jpegFile, 0xE1, "http://ns.adobe.com/xap/1.0/\x00"+secret),
		"GIF comment":   insert(gifFile, len(gifFile)-1, comment),
		"JPEG EXIF":     withSegment(jpegFile, 0xE1, "Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00"+secret),
	} {
		if !bytes.Contains(file, []byte(secret)) {
			t.Fatalf("%s: the secret is not in the file", name)
		}
		got := clean(t, file)
		for _, e := range []picture.Encoded{got.Full, got.Preview} {
			for _, trace := range []string{"script", "PK\x03\x04", "Exif", "ICC", "iCCP", "tEXt", "eXIf", "xap"} {
				if bytes.Contains(e.Bytes, []byte(trace)) {
					t.Errorf("%s: %q is in the %s", name, trace, e.Type)
				}
			}
		}
	}
}

func TestAnimation(t *testing.T) {
	three := encodeGIF(t, 40, 30, frame(40, 30, 1), frame(20, 10, 2), frame(40, 30, 3))
	got := clean(t, three)
	if diff := cmp.Diff(shape{"image/gif", 40, 30}, shapeOf(got.Full)); diff != "" {
		t.Error(diff)
	}
	all, err := gif.DecodeAll(bytes.NewReader(got.Full.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{7, 7, 7}, all.Delay); diff != "" {
		t.Error(diff)
	}
	first := shape{"image/png", 40, 30}
	for name, test := range map[string]struct {
		file   []byte
		limits picture.Limits
	}{
		"a broken frame":  {three[:len(three)-40], picture.Limits{}},
		"too many pixels": {three, picture.Limits{Pixels: 40*30 + 1}},
		"too many frames": {encodeGIF(t, 40, 30, slices.Repeat([]*image.Paletted{frame(40, 30, 1)}, 1001)...), picture.Limits{}},
	} {
		got, err := picture.Clean(t.Context(), bytes.NewReader(test.file), test.limits)
		if diff := cmp.Diff(first, shapeOf(got.Full)); err != nil || diff != "" {
			t.Errorf("%s: %v, %s", name, err, diff)
		}
	}
	part := clean(t, encodeGIF(t, 40, 30, frame(40, 30, 1).SubImage(image.Rect(10, 10, 20, 20)).(*image.Paletted)))
	if diff := cmp.Diff(first, shapeOf(part.Full)); diff != "" {
		t.Errorf("a first frame that is smaller: %s", diff)
	}
}

func TestErrors(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := picture.Clean(ended, bytes.NewReader(encodePNG(t, drawing(9, 9))), picture.Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	broken := errors.New("the disk broke")
	if _, err := picture.Clean(t.Context(), iotest.ErrReader(broken), picture.Limits{}); !errors.Is(err, broken) {
		t.Errorf("a reader that fails: %v", err)
	}
	if _, err := picture.Clean(t.Context(), strings.NewReader(""), picture.Limits{}); !errors.Is(err, picture.ErrFormat) {
		t.Errorf("no file: %v", err)
	}
}
