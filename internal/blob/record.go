package blob

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"io"
	"os"
)

// A record says how far an upload in a directory is: how many of its bytes
// are on stable storage, and the state of their SHA-256, so that nobody reads
// them again for it. It stands in a file beside the bytes that has two places
// for it. The older one is overwritten, so that a write which is cut off
// leaves the other.
type record struct {
	count    uint64 // of the records of this upload; the highest counts
	length   int64  // bytes that are stored
	finished bool
	hash     []byte // the marshalled state; of a finished upload the sum
}

const (
	placeSize  = 4096 // one place per page, so that no torn write meets both
	maxHash    = 1024 // far above what sha256 needs, 108 bytes
	recordHead = 8 + 8 + 1 + 2
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode returns the record as it stands in the file: its parts, then a
// checksum of them.
func (r record) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, r.count)
	b = binary.BigEndian.AppendUint64(b, uint64(r.length))
	if r.finished {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.hash)))
	b = append(b, r.hash...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// decode reads what encode made; ok is false for anything else.
func decode(b []byte) (r record, ok bool) {
	if len(b) < recordHead+4 {
		return r, false
	}
	size := int(binary.BigEndian.Uint16(b[17:]))
	end := recordHead + size
	if size > maxHash || len(b) < end+4 || binary.BigEndian.Uint32(b[end:]) != crc32.Checksum(b[:end], castagnoli) {
		return r, false
	}
	r.count = binary.BigEndian.Uint64(b)
	r.length = int64(binary.BigEndian.Uint64(b[8:]))
	r.finished = b[16] == 1
	r.hash = bytes.Clone(b[recordHead:end])
	return r, r.length >= 0
}

// readRecord returns the newest record in the file; ok is false where there
// is none that is whole.
func readRecord(f io.ReaderAt) (newest record, ok bool, err error) {
	b := make([]byte, recordHead+maxHash+4)
	for place := range int64(2) {
		n, err := f.ReadAt(b, place*placeSize)
		if err != nil && err != io.EOF {
			return record{}, false, err
		}
		if r, whole := decode(b[:n]); whole && (!ok || r.count > newest.count) {
			newest, ok = r, true
		}
	}
	return newest, ok, nil
}

// writeRecord puts the record where the one before it is not, and syncs it.
func writeRecord(f *os.File, r record) error {
	if _, err := f.WriteAt(r.encode(), int64(r.count%2)*placeSize); err != nil {
		return err
	}
	return f.Sync()
}

// hashState returns the state of a SHA-256 that can go on later.
func hashState(h hash.Hash) ([]byte, error) {
	return h.(encoding.BinaryMarshaler).MarshalBinary()
}

// resumeHash returns the SHA-256 of which state is the state.
func resumeHash(state []byte) (hash.Hash, error) {
	h := sha256.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		return nil, err
	}
	return h, nil
}
