package picture

import (
	"bytes"
	"encoding/binary"
)

// maxScans is far above what encoders write, about 10. Each scan goes over
// all pixels, and a scan that changes nothing takes a few bytes.
const maxScans = 64

// A jpegHead is what image/jpeg does not tell.
type jpegHead struct {
	orientation int // of EXIF, 1 to 8; 1 is upright
	progressive bool
	planes      []plane // one per component
	rgb         bool    // the components are colours, not brightness and two differences
	scans       int     // at most
}

// A plane says how often a component is sampled, beside the others.
type plane struct{ id, h, v int64 }

// JPEG markers (T.81, table B.1).
const (
	markSOF0  = 0xC0
	markSOF2  = 0xC2 // progressive
	markDHT   = 0xC4
	markJPG   = 0xC8
	markDAC   = 0xCC
	markSOF15 = 0xCF
	markSOS   = 0xDA
	markAPP1  = 0xE1 // EXIF
	markAPP14 = 0xEE // Adobe
)

// readJPEGHead reads the segments before the first scan.
func readJPEGHead(file []byte) (h jpegHead, err error) {
	h.orientation = 1
	// In pixels, 0xFF is followed by 0, so this counts all scans, and perhaps
	// some of a thumbnail.
	h.scans = bytes.Count(file, []byte{0xff, markSOS})
	rest := file[2:]
	for {
		mark, segment, after, ok := nextSegment(rest)
		if !ok {
			return h, ErrFormat
		}
		if mark == markSOS {
			break
		}
		h.read(mark, segment)
		rest = after
	}
	if h.planes == nil {
		return h, ErrFormat
	}
	return h, nil
}

// nextSegment returns the first segment of what rest begins with. Like the
// decoder it skips what is between segments.
func nextSegment(rest []byte) (mark byte, segment, after []byte, ok bool) {
	for {
		at := bytes.IndexByte(rest, 0xff)
		if at < 0 {
			return 0, nil, nil, false
		}
		for rest = rest[at:]; len(rest) > 0 && rest[0] == 0xff; {
			rest = rest[1:] // any number may stand before a marker
		}
		if len(rest) == 0 {
			return 0, nil, nil, false
		}
		mark, rest = rest[0], rest[1:]
		if mark == 0 || mark == 1 || mark >= 0xD0 && mark <= 0xD8 {
			continue // has no segment
		}
		if len(rest) < 2 {
			return 0, nil, nil, false
		}
		size := int(binary.BigEndian.Uint16(rest))
		if size < 2 || size > len(rest) {
			return 0, nil, nil, false
		}
		return mark, rest[2:size], rest[size:], true
	}
}

func (h *jpegHead) read(mark byte, segment []byte) {
	switch {
	case mark == markAPP1 && bytes.HasPrefix(segment, []byte("Exif\x00\x00")):
		h.orientation = orientation(segment[6:])
	case mark == markAPP14 && len(segment) >= 12 && bytes.HasPrefix(segment, []byte("Adobe")):
		h.rgb = h.rgb || segment[11] == 0
	case mark >= markSOF0 && mark <= markSOF15 && mark != markDHT && mark != markJPG && mark != markDAC:
		h.progressive = mark == markSOF2
		h.planes = readPlanes(segment)
		h.rgb = h.rgb || len(h.planes) == 3 && h.planes[0].id == 'R' && h.planes[1].id == 'G' && h.planes[2].id == 'B'
	}
}

// readPlanes reads the components of a frame header (T.81, B.2.2).
func readPlanes(segment []byte) (planes []plane) {
	const before = 6 // precision, height, width, number of components
	for at := before; at+3 <= len(segment); at += 3 {
		planes = append(planes, plane{int64(segment[at]), int64(segment[at+1] >> 4), int64(segment[at+1] & 15)})
	}
	return planes
}

// memory estimates how many bytes decoding takes, for so many pixels.
func (h jpegHead) memory(pixels int64) int64 {
	var across, down, sum int64 = 1, 1, 0
	for _, p := range h.planes {
		across, down = max(across, p.h), max(down, p.v)
		sum += p.h * p.v
	}
	decoded := pixels * sum / (across * down)
	need := decoded
	if h.progressive {
		need += 4 * decoded // all coefficients, 32 bits each
	}
	if h.rgb || len(h.planes) == 4 {
		decoded += 4 * pixels // made of the planes afterwards
	}
	if h.orientation != 1 || len(h.planes) == 4 {
		decoded *= 2 // the turned copy
	}
	return max(need, decoded)
}

// orientation returns the tag of that name (EXIF 3.0, 4.6.5.1.6) of what
// stands in an EXIF segment, a TIFF file; 1 where it has none.
func orientation(tiff []byte) int {
	const tag, short = 0x0112, 3
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		order = binary.BigEndian
	case !bytes.HasPrefix(tiff, []byte("II*\x00")):
		return 1
	}
	if len(tiff) < 8 || int64(order.Uint32(tiff[4:]))+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[order.Uint32(tiff[4:]):]
	count := int(order.Uint16(entries))
	for entries = entries[2:]; count > 0 && len(entries) >= 12; count, entries = count-1, entries[12:] {
		value := int(order.Uint16(entries[8:]))
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short && value >= 1 && value <= 8 {
			return value
		}
	}
	return 1
}
