package blob_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"deskside/internal/blob"
)

// TestDamagedUpload changes the files of an upload as crashes, and people who
// restore half a backup, do. What is counted then is right.
func TestDamagedUpload(t *testing.T) {
	const size = 100_000
	content := bytes.Repeat([]byte("0123456789"), size/10)
	for name, test := range map[string]struct {
		damage func(t *testing.T, data, state string)
		length int64
	}{
		"bytes that nobody counted": {func(t *testing.T, data, _ string) { change(t, data, size, "more") }, size},
		"no state":                  {func(t *testing.T, _, state string) { try(t, os.Remove(state)) }, size},
		"empty state":               {func(t *testing.T, _, state string) { try(t, os.Truncate(state, 0)) }, size},
		"state of nonsense":         {func(t *testing.T, _, state string) { change(t, state, 0, strings.Repeat("?", 8192)) }, size},
		// The upload was begun and appended to twice: the second place has the
		// first and the last record, the first place that of the piece between.
		"torn record":    {func(t *testing.T, _, state string) { change(t, state, 4096+30, "????") }, size / 2},
		"bytes are lost": {func(t *testing.T, data, _ string) { try(t, os.Truncate(data, 70_000)) }, 70_000},
		"all is lost":    {func(t *testing.T, data, _ string) { try(t, os.Remove(data)) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			d := openDir(t, folder)
			defer d.Close()
			appendTo(t, d, 0, content[:size/2])
			appendTo(t, d, size/2, content[size/2:])
			data := filepath.Join(folder, "uploads", "x")
			test.damage(t, data, data+".state")
			length, err := d.Length(t.Context(), "x")
			if err != nil || length != test.length {
				t.Fatalf("length: %d, %v, want %d", length, err, test.length)
			}
			appendTo(t, d, length, content[length:])
			if sum, err := d.Finish(t.Context(), "x"); err != nil || sum != sha256.Sum256(content) {
				t.Errorf("finish: %x, %v", sum, err)
			}
		})
	}
}

// TestHashGoesOn changes bytes that were hashed already: if the sum is that
// of the bytes that came, then nobody read them again.
func TestHashGoesOn(t *testing.T) {
	folder := t.TempDir()
	d := openDir(t, folder)
	appendTo(t, d, 0, []byte("first "))
	change(t, filepath.Join(folder, "uploads", "x"), 0, "FIRST")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = openDir(t, folder)
	defer d.Close()
	appendTo(t, d, 6, []byte("second"))
	if sum, err := d.Finish(t.Context(), "x"); err != nil || sum != sha256.Sum256([]byte("first second")) {
		t.Errorf("finish: %x, %v", sum, err)
	}
}

// TestFinishGoesOn finishes an upload whose process was killed between the
// record that it is finished and the renaming.
func TestFinishGoesOn(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "files")
	d := openDir(t, folder)
	defer d.Close()
	content := []byte("content")
	appendTo(t, d, 0, content)
	sum, err := d.Finish(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	files := kept(t, folder)
	for _, file := range files {
		if !strings.Contains(file, "uploads") {
			try(t, os.Rename(file, filepath.Join(folder, "uploads", "x")))
		}
	}
	if _, err := d.Open(t.Context(), sum); !errors.Is(err, blob.ErrNotFound) {
		t.Fatalf("open: %v", err)
	}
	if again, err := d.Finish(t.Context(), "x"); err != nil || again != sum {
		t.Fatalf("finish again: %x, %v", again, err)
	}
	c, err := d.Open(t.Context(), sum)
	if err != nil {
		t.Fatal(err)
	}
	try(t, c.Close())
}

// TestNoWayOut puts a link to elsewhere where content would be.
func TestNoWayOut(t *testing.T) {
	folder, elsewhere := t.TempDir(), t.TempDir()
	try(t, os.WriteFile(filepath.Join(elsewhere, strings.Repeat("00", 31)), []byte("secret"), 0o600))
	try(t, os.Symlink(elsewhere, filepath.Join(folder, "00")))
	d := openDir(t, folder)
	defer d.Close()
	c, err := d.Open(t.Context(), [32]byte{})
	if err == nil {
		t.Errorf("a link out of the directory was followed: %v", c.Close())
	} else if strings.Contains(err.Error(), strings.Repeat("0", 62)) {
		t.Errorf("the error names the content: %v", err)
	}
}

func appendTo(t *testing.T, d *blob.Dir, offset int64, content []byte) {
	t.Helper()
	if n, err := d.Append(t.Context(), "x", offset, bytes.NewReader(content)); err != nil || n != int64(len(content)) {
		t.Fatalf("append at %d: %d, %v", offset, n, err)
	}
}

func change(t *testing.T, path string, at int64, to string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	try(t, err)
	_, err = f.WriteAt([]byte(to), at)
	try(t, errors.Join(err, f.Close()))
}

func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
