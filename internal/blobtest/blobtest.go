// Package blobtest holds the tests that every engine of internal/blob passes.
// An engine that passes them keeps what it counted, gives back what was
// uploaded under its SHA-256, and leaves nothing behind.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"deskside/internal/blob"
)

// A Store is what an engine of internal/blob does; see there what it means.
type Store interface {
	Append(ctx context.Context, id string, offset int64, r io.Reader) (n int64, err error)
	Length(ctx context.Context, id string) (int64, error)
	Finish(ctx context.Context, id string) (sum [sha256.Size]byte, err error)
	Open(ctx context.Context, sum [sha256.Size]byte) (blob.Content, error)
	Abort(ctx context.Context, id string) error
	Remove(ctx context.Context, sum [sha256.Size]byte) error
	Close() error
}

// An Engine is one place where bytes are kept.
type Engine struct {
	// Open opens the place; opened again, by another process or on another
	// node, it is the same.
	Open func(t *testing.T) Store
	// Kept counts the things in the place that hold bytes of files.
	Kept func(t *testing.T) int
	// Memory is the most that a call may hold, in bytes.
	Memory uint64
}

// Run tests an engine. place is called for each test, and names a new place.
func Run(t *testing.T, place func(t *testing.T) Engine) {
	for name, test := range map[string]func(*testing.T, *bench){
		"pieces":                testPieces,
		"another process":       testAnotherProcess,
		"offset":                testOffset,
		"reader fails":          testReaderFails,
		"context ends":          testContextEnds,
		"finish":                testFinish,
		"finish twice at once":  testFinishAtOnce,
		"empty":                 testEmpty,
		"not readable before":   testNotReadableBefore,
		"content":               testContent,
		"abort":                 testAbort,
		"remove":                testRemove,
		"equal content":         testEqualContent,
		"ids":                   testIDs,
		"many at once":          testManyAtOnce,
		"two writers of one id": testTwoWriters,
		"memory":                testMemory,
	} {
		t.Run(name, func(t *testing.T) { test(t, newBench(t, place(t))) })
	}
}

// A bench is one engine under test.
type bench struct {
	Store
	engine Engine
	t      *testing.T
}

func newBench(t *testing.T, engine Engine) *bench {
	b := &bench{Store: engine.Open(t), engine: engine, t: t}
	t.Cleanup(func() { b.must("close", b.Close()) })
	return b
}

// reopen goes on with a store that has nothing in memory.
func (b *bench) reopen() {
	b.t.Helper()
	b.must("close", b.Close())
	b.Store = b.engine.Open(b.t)
}

func (b *bench) must(what string, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

func (b *bench) wantError(what string, err, want error) {
	b.t.Helper()
	if !errors.Is(err, want) {
		b.t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// append appends the content, and all of it must be stored.
func (b *bench) append(id string, offset int64, content []byte) {
	b.t.Helper()
	// Without its WriteTo, as a request's body is.
	n, err := b.Append(b.t.Context(), id, offset, struct{ io.Reader }{bytes.NewReader(content)})
	if err != nil || n != int64(len(content)) {
		b.t.Fatalf("append %d bytes at %d: %d, %v", len(content), offset, n, err)
	}
}

func (b *bench) wantLength(id string, want int64) {
	b.t.Helper()
	n, err := b.Length(b.t.Context(), id)
	if err != nil || n != want {
		b.t.Fatalf("length: %d, %v, want %d", n, err, want)
	}
}

// finish finishes an upload, which must give the SHA-256 of the content.
func (b *bench) finish(id string, content []byte) [sha256.Size]byte {
	b.t.Helper()
	sum, err := b.Finish(b.t.Context(), id)
	b.must("finish", err)
	if want := sha256.Sum256(content); sum != want {
		b.t.Fatalf("finish: sum %x, want %x", sum, want)
	}
	return sum
}

// wantContent reads what is stored under the sum.
func (b *bench) wantContent(sum [sha256.Size]byte, want []byte) {
	b.t.Helper()
	c, err := b.Open(b.t.Context(), sum)
	b.must("open", err)
	got, err := io.ReadAll(c)
	b.must("read", err)
	if !bytes.Equal(got, want) || c.Size() != int64(len(want)) {
		b.t.Errorf("content of %d bytes (size %d) is not the %d that were stored", len(got), c.Size(), len(want))
	}
	b.must("close the content", c.Close())
}

func (b *bench) wantNoContent(sum [sha256.Size]byte) {
	b.t.Helper()
	c, err := b.Open(b.t.Context(), sum)
	if err == nil {
		err = c.Close()
	}
	b.wantError("open what is not there", err, blob.ErrNotFound)
}

func (b *bench) wantKept(want int) {
	b.t.Helper()
	if got := b.engine.Kept(b.t); got != want {
		b.t.Errorf("%d things are kept, want %d", got, want)
	}
}

const mib = 1 << 20

// noise returns bytes that differ for each seed, the same for the same.
func noise(seed byte, size int) []byte {
	b := make([]byte, size)
	// Read of a ChaCha8 never fails.
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}
