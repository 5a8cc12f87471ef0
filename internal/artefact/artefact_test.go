package artefact

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"strings"
	"testing"
)

// pack compresses a program as scripts/helper.sh does.
func pack(t *testing.T, program []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(program); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func content(t *testing.T, d Download) []byte {
	t.Helper()
	b, err := io.ReadAll(d.Content)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(b)) != d.Size {
		t.Errorf("%d bytes, said to be %d", len(b), d.Size)
	}
	return b
}

// TestDownloads unpacks each kind of file as its reader would: the program
// comes out byte by byte, under the name that leads it to its session.
func TestDownloads(t *testing.T) {
	name := Name(strings.Repeat("help.", 20)+"example.org:8443", "K7M2QX") // as long as tar's short form has no room for
	for _, program := range [][]byte{[]byte("MZ program"), bytes.Repeat([]byte("block"), 4096), make([]byte, 512)} {
		gz := pack(t, program)

		plain, _, err := exe(gz, false)
		if err != nil || plain.Gzipped || !bytes.Equal(content(t, plain), program) {
			t.Errorf("exe: not the program (%v)", err)
		}
		zipped, _, err := exe(gz, true)
		if err != nil || !zipped.Gzipped || !bytes.Equal(content(t, zipped), gz) {
			t.Errorf("exe, compressed on the way: not the program (%v)", err)
		}

		d, _, err := tarball(gz, name)
		if err != nil {
			t.Fatal(err)
		}
		unzipped, err := gzip.NewReader(bytes.NewReader(content(t, d)))
		if err != nil {
			t.Fatal(err)
		}
		tr := tar.NewReader(unzipped)
		h, err := tr.Next()
		if err != nil || h.Name != name+"/" || h.FileInfo().Mode() != fs.ModeDir|0o700 {
			t.Fatalf("tar.gz: %+v, %v", h, err)
		}
		h, err = tr.Next()
		if err != nil || h.Name != name+"/"+name || h.FileInfo().Mode() != 0o700 {
			t.Fatalf("tar.gz: %+v, %v", h, err)
		}
		if got, err := io.ReadAll(tr); err != nil || !bytes.Equal(got, program) {
			t.Errorf("tar.gz: not the program (%v)", err)
		}
		if _, err := tr.Next(); err != io.EOF {
			t.Errorf("tar.gz: after the program: %v", err)
		}

		d, _, err = app(gz, name)
		if err != nil {
			t.Fatal(err)
		}
		b := content(t, d)
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil || len(z.File) != 3 {
			t.Fatalf("zip: %v", err)
		}
		if f := z.File[0]; f.Name != name+".app/" || f.Mode() != fs.ModeDir|0o700 {
			t.Errorf("zip: %s %v", f.Name, f.Mode())
		}
		f := z.File[2]
		if f.Name != name+".app/Contents/MacOS/deskside-helper" || f.Mode() != 0o700 {
			t.Errorf("zip: %s %v", f.Name, f.Mode())
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, program) {
			t.Errorf("zip: not the program (%v)", err)
		}
	}
}

func TestNames(t *testing.T) {
	for host, want := range map[string]string{
		"help.example.org": "deskside-helper_help.example.org_K7M2QX", "localhost:8080": "deskside-helper_localhost+8080_K7M2QX",
	} {
		if got := Name(host, "K7M2QX"); got != want || !nameForm.MatchString(got) {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
	for _, bad := range []string{
		"", "deskside-helper", "x_deskside-helper_a_K7M2QX", "deskside-helper_a_K7M2Q", "deskside-helper_a_k7m2qx",
		"deskside-helper_../a_K7M2QX", `deskside-helper_a"b_K7M2QX`, "deskside-helper_a\r\nX: y_K7M2QX", "deskside-helper_a+1+2_K7M2QX",
		"deskside-helper_" + strings.Repeat("a", 254) + "_K7M2QX",
	} {
		if nameForm.MatchString(bad) {
			t.Errorf("%q is taken for a name", bad)
		}
	}
	if _, ok, err := Open("plan9-mips", "deskside-helper_a_K7M2QX.tar.gz", false); ok || err != nil {
		t.Errorf("a build that is not there: %v, %v", ok, err)
	}
}
