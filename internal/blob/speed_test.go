package blob_test

import (
	"io"
	"testing"

	"deskside/internal/blob"
)

type zero struct{}

func (zero) Read(p []byte) (int, error) { return len(p), nil }

// BenchmarkDirAppend stores files of 256 MiB.
func BenchmarkDirAppend(b *testing.B) {
	const size = 256 << 20
	d, err := blob.OpenDir(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	for b.Loop() {
		if _, err := d.Append(b.Context(), "x", 0, io.LimitReader(zero{}, size)); err != nil {
			b.Fatal(err)
		}
		if err := d.Abort(b.Context(), "x"); err != nil {
			b.Fatal(err)
		}
	}
}
