package picture_test

import (
	"image"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"deskside/internal/picture"
)

// BenchmarkLargest cleans pictures of 40 million pixels, and says the most
// memory that the process ever had, with the 1.5 MB of the tests themselves.
// Encoding them takes memory too, so the first run only leaves the files in
// the temporary directory; then run one kind at a time.
func BenchmarkLargest(b *testing.B) {
	wide := image.Rect(0, 0, 8000, 5000)
	for name, file := range map[string]func() []byte{
		"jpeg": func() []byte { return encodeJPEG(b, image.NewYCbCr(wide, image.YCbCrSubsampleRatio420)) },
		"turned": func() []byte {
			return withEXIF(encodeJPEG(b, image.NewYCbCr(wide, image.YCbCrSubsampleRatio420)), "II", 6)
		},
		"rgba": func() []byte { return encodePNG(b, image.NewNRGBA(wide)) },
		"deep": func() []byte { return encodePNG(b, image.NewNRGBA64(wide)) },
	} {
		b.Run(name, func(b *testing.B) {
			path := filepath.Join(os.TempDir(), "deskside-picture-"+name)
			if _, err := os.Stat(path); err != nil {
				if err := os.WriteFile(path, file(), 0o600); err != nil {
					b.Fatal(err)
				}
				b.Skip("the file was made: run again")
			}
			for b.Loop() {
				cleanFile(b, path)
			}
			b.ReportMetric(peak(b), "MB-peak")
		})
	}
}

func cleanFile(b *testing.B, path string) {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := picture.Clean(b.Context(), f, picture.Limits{}); err != nil {
		b.Fatal(err)
	}
}

func peak(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kb, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kb / 1000
}
