package win32

import (
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"math/bits"
)

// errDIB says that a DIB is cut short, or of a kind that isn't read:
// run-length encoded, or holding a JPEG or PNG.
var errDIB = errors.New("a bitmap that can't be read")

// mostPixels bounds the pictures that are converted: a screen of 8K has 33
// million pixels. It keeps a small file that claims to be a huge picture from
// taking the memory.
const mostPixels = 64 << 20

// The compressions of BITMAPINFOHEADER that are read.
const (
	dibRGB       = 0
	dibBitfields = 3
)

// The sizes of BITMAPINFOHEADER and of its successors.
const (
	dibHeader   = 40
	dibHeaderV4 = 108
	dibHeaderV5 = 124
)

// A dib is a device-independent bitmap as CF_DIB has it: a header, masks or a
// palette, and rows of pixels that are filled up to 4 bytes.
type dib struct {
	size    image.Point
	topDown bool // as rows are seldom stored
	bits    int  // a pixel's
	masks   [4]uint32
	palette []color.NRGBA
	pixels  []byte
}

// decodeDIB reads what CF_DIB holds. Transparency counts only where the header
// says which bits have it: elsewhere programs leave anything in them.
func decodeDIB(data []byte) (*image.NRGBA, error) {
	d, err := parseDIB(data)
	if err != nil {
		return nil, err
	}
	img := image.NewNRGBA(image.Rectangle{Max: d.size})
	stride := d.stride()
	var visible bool
	for y := range d.size.Y {
		row := y
		if !d.topDown {
			row = d.size.Y - 1 - y
		}
		source := d.pixels[row*stride:][:stride]
		for x := range d.size.X {
			c := d.at(source, x)
			visible = visible || c.A != 0
			img.SetNRGBA(x, y, c)
		}
	}
	if !visible { // the mask is there, but whoever made it didn't use it
		for i := 3; i < len(img.Pix); i += 4 {
			img.Pix[i] = 0xff
		}
	}
	return img, nil
}

func parseDIB(data []byte) (*dib, error) {
	if len(data) < dibHeader {
		return nil, errDIB
	}
	u32 := func(at int) uint32 { return binary.LittleEndian.Uint32(data[at:]) }
	header := int(u32(0))
	width, height := int(int32(u32(4))), int(int32(u32(8)))
	d := &dib{bits: int(binary.LittleEndian.Uint16(data[14:])), topDown: height < 0}
	if d.topDown {
		height = -height
	}
	d.size = image.Pt(width, height)
	compression, colours := u32(16), int64(u32(32))
	switch {
	case header != dibHeader && header != dibHeaderV4 && header != dibHeaderV5, len(data) < header:
		return nil, errDIB
	case width <= 0 || height <= 0 || int64(width)*int64(height) > mostPixels:
		return nil, errDIB
	}
	rest := data[header:]
	switch compression {
	case dibRGB:
		switch d.bits {
		case 16:
			d.masks = [4]uint32{0x7c00, 0x03e0, 0x001f}
		case 24, 32:
			d.masks = [4]uint32{0xff0000, 0x00ff00, 0x0000ff}
		case 1, 4, 8:
			if colours == 0 {
				colours = 1 << d.bits
			}
		default:
			return nil, errDIB
		}
	case dibBitfields:
		if d.bits != 16 && d.bits != 32 {
			return nil, errDIB
		}
		masks := 4 // later headers have them inside, with the one for alpha
		if header == dibHeader {
			masks = 3
			if len(rest) < 12 {
				return nil, errDIB
			}
			rest = rest[12:]
		}
		for i := range masks {
			d.masks[i] = u32(dibHeader + 4*i)
		}
	default:
		return nil, errDIB
	}
	// Deeper pictures may have a palette too, as a hint; it has to be skipped.
	if colours > 256 || int64(len(rest)) < 4*colours {
		return nil, errDIB
	}
	for i := range int(colours) {
		c := rest[4*i:]
		d.palette = append(d.palette, color.NRGBA{R: c[2], G: c[1], B: c[0], A: 0xff})
	}
	d.pixels = rest[4*colours:]
	if len(d.pixels) < d.stride()*height {
		return nil, errDIB
	}
	return d, nil
}

// stride is the length of a row in bytes.
func (d *dib) stride() int { return (d.size.X*d.bits + 31) / 32 * 4 }

// at returns a pixel of a row.
func (d *dib) at(row []byte, x int) color.NRGBA {
	var v uint32
	switch d.bits {
	case 1, 4, 8:
		perByte := 8 / d.bits
		shift := 8 - d.bits*(x%perByte+1)
		index := int(row[x/perByte]>>shift) & (1<<d.bits - 1)
		if index >= len(d.palette) {
			return color.NRGBA{A: 0xff}
		}
		return d.palette[index]
	case 16:
		v = uint32(binary.LittleEndian.Uint16(row[2*x:]))
	case 24:
		v = uint32(row[3*x]) | uint32(row[3*x+1])<<8 | uint32(row[3*x+2])<<16
	default:
		v = binary.LittleEndian.Uint32(row[4*x:])
	}
	c := color.NRGBA{R: field(v, d.masks[0]), G: field(v, d.masks[1]), B: field(v, d.masks[2]), A: 0xff}
	if d.masks[3] != 0 {
		c.A = field(v, d.masks[3])
	}
	return c
}

// field returns the bits of a mask, as 0 to 255.
func field(v, mask uint32) byte {
	if mask == 0 {
		return 0
	}
	shift := bits.TrailingZeros32(mask)
	most := uint64(mask >> shift)
	return byte((uint64((v&mask)>>shift)*255 + most/2) / most)
}

// encodeDIB returns a picture as CF_DIB has it: 24 bits a pixel, from the
// bottom up, which every program reads. What is transparent is white.
func encodeDIB(img image.Image) []byte {
	bounds := img.Bounds()
	stride := (bounds.Dx()*24 + 31) / 32 * 4
	data := make([]byte, dibHeader+stride*bounds.Dy())
	binary.LittleEndian.PutUint32(data, dibHeader)
	binary.LittleEndian.PutUint32(data[4:], uint32(bounds.Dx()))
	binary.LittleEndian.PutUint32(data[8:], uint32(bounds.Dy()))
	binary.LittleEndian.PutUint16(data[12:], 1) // planes
	binary.LittleEndian.PutUint16(data[14:], 24)
	binary.LittleEndian.PutUint32(data[20:], uint32(stride*bounds.Dy()))
	for y := range bounds.Dy() {
		row := data[dibHeader+(bounds.Dy()-1-y)*stride:]
		for x := range bounds.Dx() {
			r, g, b, a := img.At(bounds.Min.X+x, bounds.Min.Y+y).RGBA()
			white := 0xffff - a
			row[3*x], row[3*x+1], row[3*x+2] = byte((b+white)>>8), byte((g+white)>>8), byte((r+white)>>8)
		}
	}
	return data
}
