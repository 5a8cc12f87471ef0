package blob_test

import (
	"io/fs"
	"path/filepath"
	"testing"

	"deskside/internal/blob"
	"deskside/internal/blobtest"
)

func TestDir(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blobtest.Engine {
		folder := filepath.Join(t.TempDir(), "files")
		return blobtest.Engine{
			Open:   func(t *testing.T) blobtest.Store { return openDir(t, folder) },
			Kept:   func(t *testing.T) int { return len(kept(t, folder)) },
			Memory: 600 << 10,
		}
	})
}

func openDir(t *testing.T, folder string) *blob.Dir {
	t.Helper()
	d, err := blob.OpenDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// kept returns the paths of all files below the folder, and holds all modes
// against those that files of others must have.
func kept(t *testing.T, folder string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		} else {
			files = append(files, path)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
