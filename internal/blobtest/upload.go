package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"deskside/internal/blob"
)

// testPieces uploads files of sizes around those of parts, in pieces of any
// size.
func testPieces(t *testing.T, b *bench) {
	random := rand.New(rand.NewPCG(1, 2))
	for i, size := range []int{1, 5*mib - 1, 5 * mib, 5*mib + 1, 10 * mib, 17*mib + 3} {
		id, content := string(rune('a'+i)), noise(byte(i), size)
		for offset := 0; offset < size; {
			n := min(1+random.IntN(6*mib), size-offset)
			b.append(id, int64(offset), content[offset:offset+n])
			offset += n
			b.wantLength(id, int64(offset))
		}
		b.wantContent(b.finish(id, content), content)
	}
}

// testAnotherProcess comes with each piece to a store that knows nothing.
func testAnotherProcess(t *testing.T, b *bench) {
	content := noise(1, 16*mib)
	for offset := 0; offset < len(content); offset += 3 * mib {
		b.append("x", int64(offset), content[offset:min(offset+3*mib, len(content))])
		b.reopen()
	}
	b.wantLength("x", int64(len(content)))
	sum := b.finish("x", content)
	b.reopen()
	b.wantContent(sum, content)
}

func testOffset(t *testing.T, b *bench) {
	content := noise(2, 1000)
	if _, err := b.Append(t.Context(), "x", 1, bytes.NewReader(content)); !errors.Is(err, blob.ErrOffset) {
		t.Errorf("begin behind the beginning: %v", err)
	}
	b.wantLength("x", 0)
	b.append("x", 0, content)
	for _, offset := range []int64{-1, 0, 999, 1001} {
		r := bytes.NewReader(content)
		n, err := b.Append(t.Context(), "x", offset, r)
		b.wantError("another offset", err, blob.ErrOffset)
		if n != 0 || r.Len() != len(content) {
			t.Errorf("offset %d: %d bytes stored, %d read", offset, n, len(content)-r.Len())
		}
	}
	b.append("x", 1000, nil)
	b.wantContent(b.finish("x", content), content)
}

// testReaderFails breaks lines at several places; what had come is counted,
// kept, and not sent again.
func testReaderFails(t *testing.T, b *bench) {
	broken := errors.New("the line broke")
	content := noise(3, 12*mib)
	offset := int64(0)
	for _, n := range []int64{0, 1, mib, 7 * mib} {
		r := io.MultiReader(bytes.NewReader(content[offset:offset+n]), iotest.ErrReader(broken))
		got, err := b.Append(t.Context(), "x", offset, r)
		b.wantError("a reader that fails", err, broken)
		if got != n {
			t.Fatalf("%d bytes came before the line broke, %d were counted", n, got)
		}
		offset += got
		b.reopen()
		b.wantLength("x", offset)
	}
	b.append("x", offset, content[offset:])
	b.finish("x", content)
}

// testContextEnds ends the context in the middle of an Append.
func testContextEnds(t *testing.T, b *bench) {
	content := noise(4, 8*mib)
	ctx, cancel := context.WithCancel(t.Context())
	r := &watched{Reader: bytes.NewReader(content), every: mib, do: func(read int64) {
		if read == 6*mib {
			cancel()
		}
	}}
	n, err := b.Append(ctx, "x", 0, r)
	b.wantError("a context that ends", err, context.Canceled)
	if n < 5*mib || n > 7*mib {
		t.Errorf("%d bytes were counted when the context ended at 6 MiB", n)
	}
	b.wantLength("x", n)
	b.append("x", n, content[n:])
	b.finish("x", content)
}

func testFinish(t *testing.T, b *bench) {
	_, err := b.Finish(t.Context(), "x")
	b.wantError("finish nothing", err, blob.ErrNotFound)
	content := noise(5, 7*mib)
	b.append("x", 0, content)
	b.finish("x", content)
	b.finish("x", content)
	b.reopen()
	sum := b.finish("x", content)
	b.wantLength("x", int64(len(content)))
	_, err = b.Append(t.Context(), "x", int64(len(content)), strings.NewReader("more"))
	b.wantError("append to what is finished", err, blob.ErrFinished)
	b.wantContent(sum, content)
}

func testFinishAtOnce(t *testing.T, b *bench) {
	content := noise(6, 6*mib)
	b.append("x", 0, content)
	other := b.engine.Open(t)
	var wg sync.WaitGroup
	for _, store := range []Store{b, b, other} {
		wg.Go(func() {
			if sum, err := store.Finish(t.Context(), "x"); err != nil || sum != sha256.Sum256(content) {
				t.Errorf("finish: %x, %v", sum, err)
			}
		})
	}
	wg.Wait()
	b.must("close", other.Close())
	b.wantContent(sha256.Sum256(content), content)
}

func testEmpty(t *testing.T, b *bench) {
	b.append("x", 0, nil)
	b.wantLength("x", 0)
	b.reopen()
	b.wantContent(b.finish("x", nil), nil)
}

func testNotReadableBefore(t *testing.T, b *bench) {
	content := noise(7, 6*mib)
	sum := sha256.Sum256(content)
	b.wantNoContent(sum)
	b.append("x", 0, content)
	b.wantNoContent(sum)
	b.finish("x", content)
	b.wantContent(sum, content)
}

func testAbort(t *testing.T, b *bench) {
	b.must("abort nothing", b.Abort(t.Context(), "x"))
	b.append("x", 0, noise(8, 6*mib))
	b.must("abort", b.Abort(t.Context(), "x"))
	b.must("abort again", b.Abort(t.Context(), "x"))
	b.wantLength("x", 0)
	b.wantKept(0)
	_, err := b.Finish(t.Context(), "x")
	b.wantError("finish what was aborted", err, blob.ErrNotFound)
	content := noise(9, 11*mib)
	b.append("x", 0, content)
	sum := b.finish("x", content)
	b.must("abort what is finished", b.Abort(t.Context(), "x"))
	b.wantContent(sum, content)
	b.wantKept(1)
	b.append("x", 0, content[:10])
	b.wantLength("x", 10)
}

// testManyAtOnce uploads several files at once.
func testManyAtOnce(t *testing.T, b *bench) {
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			id, content := string(rune('a'+i)), noise(byte(i), 6*mib+i)
			for offset := 0; offset < len(content); offset += 2 * mib {
				piece := content[offset:min(offset+2*mib, len(content))]
				if n, err := b.Append(t.Context(), id, int64(offset), bytes.NewReader(piece)); err != nil || n != int64(len(piece)) {
					t.Errorf("append: %d, %v", n, err)
				}
			}
			if sum, err := b.Finish(t.Context(), id); err != nil || sum != sha256.Sum256(content) {
				t.Errorf("finish: %x, %v", sum, err)
			}
		})
	}
	wg.Wait()
}

// testTwoWriters sends the same bytes twice at once, as a client does whose
// first connection is not yet known to be lost.
func testTwoWriters(t *testing.T, b *bench) {
	content := noise(10, 6*mib)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			n, err := b.Append(t.Context(), "x", 0, bytes.NewReader(content))
			if stored := err == nil && n == int64(len(content)); !stored && !errors.Is(err, blob.ErrOffset) {
				t.Errorf("append: %d, %v", n, err)
			}
		})
	}
	wg.Wait()
	b.wantLength("x", int64(len(content)))
	b.finish("x", content)
}

// testMemory watches what is alive while a file goes through.
func testMemory(t *testing.T, b *bench) {
	const size = 48 * mib
	var peak uint64
	before := alive()
	r := &watched{Reader: io.LimitReader(rand.NewChaCha8([32]byte{11}), size), every: 4 * mib, do: func(int64) {
		peak = max(peak, alive())
	}}
	if n, err := b.Append(t.Context(), "x", 0, r); err != nil || n != size {
		t.Fatalf("append: %d, %v", n, err)
	}
	sum, err := b.Finish(t.Context(), "x")
	b.must("finish", err)
	c, err := b.Open(t.Context(), sum)
	b.must("open", err)
	defer c.Close()
	out := &watched{Reader: c, every: 4 * mib, do: r.do}
	if n, err := io.Copy(struct{ io.Writer }{io.Discard}, out); err != nil || n != size {
		t.Fatalf("read: %d, %v", n, err)
	}
	held := int64(peak) - int64(before)
	t.Logf("at most %d KiB were held", held/1024)
	if held > int64(b.engine.Memory) {
		t.Errorf("%d KiB were held, at most %d may be", held/1024, b.engine.Memory/1024)
	}
}

// alive returns the bytes of the heap that somebody refers to.
func alive() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A watched reader calls do each time that so many bytes have been read.
type watched struct {
	io.Reader
	every, read int64
	do          func(read int64)
}

func (w *watched) Read(p []byte) (int, error) {
	rest := w.every - w.read%w.every
	n, err := w.Reader.Read(p[:min(int64(len(p)), rest)])
	if w.read += int64(n); n > 0 && w.read%w.every == 0 {
		w.do(w.read)
	}
	return n, err
}
