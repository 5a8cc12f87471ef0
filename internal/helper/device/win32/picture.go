package win32

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/png"
)

// errPicture says that a PNG can't be read, or has too many pixels.
var errPicture = errors.New("a picture that can't be read")

const pngSignature = "\x89PNG\r\n\x1a\n"

// trimPNG returns the PNG file at the beginning of data: memory on the
// clipboard may be longer than what was put into it. ok is false if there is no
// whole one.
func trimPNG(data []byte) (file []byte, ok bool) {
	if !bytes.HasPrefix(data, []byte(pngSignature)) {
		return nil, false
	}
	for at := len(pngSignature); len(data)-at >= 12; {
		length := int64(binary.BigEndian.Uint32(data[at:]))
		if length > int64(len(data)-at-12) {
			break
		}
		end := at + 12 + int(length)
		if string(data[at+4:at+8]) == "IEND" {
			return data[:end], true
		}
		at = end
	}
	return nil, false
}

// pngOfDIB turns what CF_DIB holds into a PNG file.
func pngOfDIB(data []byte) ([]byte, error) {
	img, err := decodeDIB(data)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	// The person waits for it, and a screenshot is big.
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&file, img); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// dibOfPNG turns a PNG file into what CF_DIB holds.
func dibOfPNG(file []byte) ([]byte, error) {
	config, err := png.DecodeConfig(bytes.NewReader(file))
	if err != nil || int64(config.Width)*int64(config.Height) > mostPixels {
		return nil, errPicture
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, errPicture
	}
	return encodeDIB(img), nil
}
