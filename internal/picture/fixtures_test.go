package picture_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"deskside/internal/picture"
)

func clean(t *testing.T, file []byte) picture.Picture {
	t.Helper()
	got, err := picture.Clean(t.Context(), struct{ io.Reader }{bytes.NewReader(file)}, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func decode(t *testing.T, file []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func encodePNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// encodeGIF makes a GIF of the frames, 0.07 s each.
func encodeGIF(t testing.TB, width, height int, frames ...*image.Paletted) []byte {
	t.Helper()
	all := gif.GIF{Image: frames, Delay: slices.Repeat([]int{7}, len(frames))}
	all.Config = image.Config{Width: width, Height: height, ColorModel: frames[0].Palette}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &all); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// photo returns a picture with a colour of its own in each place.
func photo(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	// Read of a ChaCha8 never fails.
	_, _ = rand.NewChaCha8([32]byte{1}).Read(img.Pix)
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	return img
}

// drawing returns a picture of few colours.
func drawing(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetRGBA(x, y, color.RGBA{uint8(x / 8 % 5 * 50), uint8(y / 8 % 5 * 50), 128, 255})
		}
	}
	return img
}

// clear returns a picture through which one can see more and more.
func clear(width, height int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetNRGBA(x, y, color.NRGBA{200, uint8(x), uint8(y), uint8(255 * x / width)})
		}
	}
	return img
}

// frame returns one of an animation, in its own colour.
func frame(width, height int, index uint8) *image.Paletted {
	palette := color.Palette{color.Black, color.White, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}}
	img := image.NewPaletted(image.Rect(0, 0, width, height), palette)
	for i := range img.Pix {
		img.Pix[i] = index
	}
	return img
}

var colours = map[string]color.Color{
	"red": color.RGBA{255, 0, 0, 255}, "green": color.RGBA{0, 255, 0, 255},
	"blue": color.RGBA{0, 0, 255, 255}, "white": color.White,
}

// corners returns a picture whose quarters are red, green, blue and white.
func corners(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i, name := range []string{"red", "green", "blue", "white"} {
		at := image.Pt(i%2*width/2, i/2*height/2)
		draw.Draw(img, image.Rectangle{at, at.Add(image.Pt(width/2, height/2))}, image.NewUniform(colours[name]), image.Point{}, draw.Src)
	}
	return img
}

// cornersOf names the colours of the quarters.
func cornersOf(img image.Image) (names []string) {
	size := img.Bounds().Size()
	for i := range 4 {
		r, g, b, _ := img.At(size.X/4+i%2*size.X/2, size.Y/4+i/2*size.Y/2).RGBA()
		for _, name := range []string{"red", "green", "blue", "white"} {
			wr, wg, wb, _ := colours[name].RGBA()
			if r>>15 == wr>>15 && g>>15 == wg>>15 && b>>15 == wb>>15 {
				names = append(names, name)
			}
		}
	}
	return names
}

// lay puts an upright picture into the file as the orientation says: which
// side of the upright picture the file's row 0 and column 0 are (EXIF 3.0,
// 4.6.5.1.6).
func lay(img image.Image, orientation int) image.Image {
	size := img.Bounds().Size()
	w, h := size.X, size.Y
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for row := range out.Rect.Dy() {
		for column := range out.Rect.Dx() {
			at := map[int]image.Point{
				1: {column, row},                 // top, left
				2: {w - 1 - column, row},         // top, right
				3: {w - 1 - column, h - 1 - row}, // bottom, right
				4: {column, h - 1 - row},         // bottom, left
				5: {row, column},                 // left, top
				6: {w - 1 - row, column},         // right, top
				7: {w - 1 - row, h - 1 - column}, // right, bottom
				8: {row, h - 1 - column},         // left, bottom
			}[orientation]
			out.Set(column, row, img.At(at.X, at.Y))
		}
	}
	return out
}

// withEXIF adds an EXIF segment with another tag and the orientation.
func withEXIF(file []byte, order string, orientation int) []byte {
	var o interface {
		binary.AppendByteOrder
		binary.ByteOrder
	} = binary.LittleEndian
	if order == "MM" {
		o = binary.BigEndian
	}
	tiff := o.AppendUint16([]byte("Exif\x00\x00"+order), 42)
	tiff = o.AppendUint16(o.AppendUint32(tiff, 8), 2)
	for _, entry := range [][2]uint16{{0x0103, 6}, {0x0112, uint16(orientation)}} {
		tiff = o.AppendUint16(o.AppendUint16(tiff, entry[0]), 3)
		tiff = o.AppendUint16(o.AppendUint32(tiff, 1), entry[1])
		tiff = o.AppendUint16(tiff, 0)
	}
	return withSegment(file, 0xE1, string(tiff)+"\x00\x00\x00\x00")
}

// withSegment adds a segment at the beginning of a JPEG.
func withSegment(file []byte, mark byte, content string) []byte {
	segment := binary.BigEndian.AppendUint16([]byte{0xff, mark}, uint16(len(content)+2))
	return slices.Insert(bytes.Clone(file), 2, append(segment, content...)...)
}

// withChunk adds a chunk behind the head of a PNG.
func withChunk(file []byte, kind, content string) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	chunk = append(chunk, kind+content...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return slices.Insert(bytes.Clone(file), 33, chunk...)
}

func insert(file []byte, at int, more []byte) []byte {
	return slices.Insert(bytes.Clone(file), at, more...)
}
