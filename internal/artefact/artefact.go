// Package artefact holds the builds of the helper that this server gives out,
// and wraps them as each system likes it: an .exe for Windows, a zip with an
// app for macOS, a tar.gz for Linux, since a bare download can't be run there.
//
// The program itself is the same, byte by byte, from every server, so that its
// publisher's signature holds. Server and session are told by its name alone.
package artefact

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"time"
)

//go:embed all:dist
var dist embed.FS

// A Build is the helper for one system and processor, as Go names them
// (GOOS-GOARCH), such as "windows-amd64".
type Build string

// Builds returns those that this server has, in the order in which a person
// is offered them.
func Builds() (have []Build) {
	for _, b := range []Build{"windows-amd64", "windows-arm64", "darwin-arm64", "darwin-amd64", "linux-amd64", "linux-arm64"} {
		if _, err := fs.Stat(dist, "dist/"+string(b)+".gz"); err == nil {
			have = append(have, b)
		}
	}
	return have
}

// program returns the gzip file (RFC 1952) of a build.
func program(b Build) ([]byte, error) { return dist.ReadFile("dist/" + string(b) + ".gz") }

// Suffix returns how the name of a download of the build ends.
func (b Build) Suffix() string {
	switch {
	case strings.HasPrefix(string(b), "windows"):
		return ".exe"
	case strings.HasPrefix(string(b), "darwin"):
		return ".zip"
	}
	return ".tar.gz"
}

// Name returns what the helper is called that belongs to a server and a
// session: deskside-helper_HOST_CODE, where a port follows the host after "+".
func Name(host, code string) string {
	return "deskside-helper_" + strings.Replace(host, ":", "+", 1) + "_" + code
}

// nameForm is what Name gives, and no more: it becomes a file's name.
var nameForm = regexp.MustCompile(`^deskside-helper_[A-Za-z0-9.\-]{1,253}(\+[0-9]{1,5})?_[0-9A-Z]{6}$`)

// A Download is a file as it is sent.
type Download struct {
	Type string // its media type
	Size int64  // in bytes
	// Gzipped is set where Content is compressed for the way only.
	Gzipped bool
	Content io.Reader
}

// Open returns the file for a build under a name with Suffix, or false where
// there is none. zipped says that the reader takes gzip.
func Open(b Build, file string, zipped bool) (d Download, ok bool, err error) {
	name, fits := strings.CutSuffix(file, b.Suffix())
	gz, err := program(b)
	if err != nil || !fits || !nameForm.MatchString(name) {
		return d, false, nil
	}
	switch b.Suffix() {
	case ".exe":
		return exe(gz, zipped)
	case ".zip":
		return app(gz, name)
	}
	return tarball(gz, name)
}

func download(mediaType string, parts ...[]byte) Download {
	d := Download{Type: mediaType}
	readers := make([]io.Reader, len(parts))
	for i, p := range parts {
		readers[i] = bytes.NewReader(p)
		d.Size += int64(len(p))
	}
	d.Content = io.MultiReader(readers...)
	return d
}

// exe is the program itself, compressed on the way where the browser likes.
func exe(gz []byte, zipped bool) (Download, bool, error) {
	const mediaType = "application/vnd.microsoft.portable-executable"
	if zipped {
		d := download(mediaType, gz)
		d.Gzipped = true
		return d, true, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		return Download{}, false, err
	}
	_, size := sums(gz)
	return Download{Type: mediaType, Size: int64(size), Content: r}, true, nil
}

// tarball is a tar file with the program in a folder of its own, which nobody
// else may look into. A gzip file may have several members, so the program is
// not compressed again.
func tarball(gz []byte, name string) (Download, bool, error) {
	_, size := sums(gz)
	var head, tail bytes.Buffer
	w := gzip.NewWriter(&head)
	t := tar.NewWriter(w)
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o700, ModTime: packed},
		{Name: name + "/" + name, Mode: 0o700, Size: int64(size), ModTime: packed},
	} {
		if err := t.WriteHeader(&h); err != nil {
			return Download{}, false, fmt.Errorf("pack the helper: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return Download{}, false, err
	}
	const block = 512
	w = gzip.NewWriter(&tail)
	_, _ = w.Write(make([]byte, (block-int(size)%block)%block+2*block)) // into memory
	if err := w.Close(); err != nil {
		return Download{}, false, err
	}
	return download("application/gzip", head.Bytes(), gz, tail.Bytes()), true, nil
}

// packed is the time that the files in archives carry: none.
var packed = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// plist describes the app to macOS. It is an agent: it has no icon in the Dock.
const plist = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>CFBundleExecutable</key><string>deskside-helper</string>
<key>CFBundleIdentifier</key><string>deskside.helper</string>
<key>CFBundleName</key><string>Deskside Helper</string>
<key>CFBundlePackageType</key><string>APPL</string>
<key>CFBundleShortVersionString</key><string>1</string>
<key>LSMinimumSystemVersion</key><string>12.0</string>
<key>LSUIElement</key><true/>
</dict></plist>
`

// app is a zip file with an application bundle: a folder, which nobody else
// may look into.
func app(gz []byte, name string) (Download, bool, error) {
	var zipped bytes.Buffer
	w := zip.NewWriter(&zipped)
	folder := &zip.FileHeader{Name: name + ".app/", Modified: packed}
	folder.SetMode(fs.ModeDir | 0o700)
	if _, err := w.CreateHeader(folder); err != nil {
		return Download{}, false, fmt.Errorf("pack the app: %w", err)
	}
	info, err := w.CreateHeader(&zip.FileHeader{Name: name + ".app/Contents/Info.plist", Method: zip.Deflate, Modified: packed})
	if err == nil {
		_, err = io.WriteString(info, plist)
	}
	if err != nil {
		return Download{}, false, fmt.Errorf("pack the app: %w", err)
	}
	crc, size := sums(gz)
	raw := deflated(gz)
	h := &zip.FileHeader{
		Name: name + ".app/Contents/MacOS/deskside-helper", Method: zip.Deflate, Modified: packed,
		CRC32: crc, CompressedSize64: uint64(len(raw)), UncompressedSize64: uint64(size),
	}
	h.SetMode(0o700)
	body, err := w.CreateRaw(h)
	if err == nil {
		_, err = body.Write(raw)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return Download{}, false, fmt.Errorf("pack the app: %w", err)
	}
	return download("application/zip", zipped.Bytes()), true, nil
}

// A gzip file without a name in it, as scripts/helper.sh makes them, has a
// header of gzipHead bytes, raw deflate data (RFC 1951), and its CRC-32 and
// size.
const (
	gzipHead = 10
	gzipTail = 8
)

func deflated(gz []byte) []byte { return gz[gzipHead : len(gz)-gzipTail] }

func sums(gz []byte) (crc, size uint32) {
	tail := gz[len(gz)-gzipTail:]
	return binary.LittleEndian.Uint32(tail), binary.LittleEndian.Uint32(tail[4:])
}
