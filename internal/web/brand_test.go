package web

import (
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	files "deskside/web"
)

// TestEveryColourCanBeRead derives the looks of many colours, and holds them
// to what web/src/console/tokens.test.ts holds the shipped ones to.
func TestEveryColourCanBeRead(t *testing.T) {
	css, err := fs.ReadFile(files.Files, "dist/pages.css")
	if err != nil {
		t.Skip("the web files are not built")
	}
	colours := []string{"#ffffff", "#000000", "#ffff00", "#ff0000", "#00ff00", "#0000ff", "#808080", "#ff69b4", "#7158fe", "#0a6670"}
	for range 190 {
		colours = append(colours, fmt.Sprintf("#%06x", rand.IntN(1<<24)))
	}
	text := map[string][]string{
		"ink": {"accent-soft"}, "ink-soft": {"accent-soft"}, "bad": {"accent-soft"},
		"accent": {"ground", "surface", "accent-soft"}, "on-accent": {"accent", "accent-strong"},
	}
	signs := map[string][]string{"focus": {"accent-soft"}, "seen": {"accent-soft"}}
	for _, hex := range colours {
		painted, err := (&brand{colour: hex}).paint(string(css))
		if err != nil {
			t.Fatal(err)
		}
		light, dark, err := tokens(painted)
		if err != nil {
			t.Fatal(err)
		}
		for name, look := range map[string]scheme{"light": light, "dark": dark} {
			for least, pairs := range map[float64]map[string][]string{4.5: text, 3: signs} {
				for front, grounds := range pairs {
					for _, ground := range grounds {
						if c := contrast(look[front], look[ground]); c < least {
							t.Errorf("%s, %s: %s %v on %s %v: %.2f", hex, name, front, look[front], ground, look[ground], c)
						}
					}
				}
			}
		}
	}
}

func TestColourReplacesTheShippedOne(t *testing.T) {
	css, err := fs.ReadFile(files.Files, "dist/join.css")
	if err != nil {
		t.Skip("the web files are not built")
	}
	same, err := (&brand{}).paint(string(css))
	if err != nil || same != string(css) {
		t.Errorf("without a colour the style sheet changes: %v", err)
	}
	other, err := (&brand{colour: "#7a1fa2"}).paint(string(css))
	if err != nil || strings.Contains(other, "--accent:#"+shippedColour) || !strings.Contains(other, "--accent:#7a1fa2") {
		t.Errorf("the style sheet keeps the shipped colour: %v", err)
	}
	if len(other) > len(css)+64 {
		t.Errorf("the style sheet grew from %d to %d bytes", len(css), len(other))
	}
	icon, err := (&brand{colour: "#7a1fa2"}).paint(`fill="#0a6670"`)
	if err != nil || icon != `fill="#7a1fa2"` {
		t.Errorf("the icon: %s, %v", icon, err)
	}
}

func TestLogo(t *testing.T) {
	folder := t.TempDir()
	draw := func(name string, side int) string {
		f, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := png.Encode(f, image.NewGray(image.Rect(0, 0, side, 8))); err != nil {
			t.Fatal(err)
		}
		return f.Name()
	}
	b, err := loadBrand(draw("logo.png", 64), "")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{pages: &pages{brand: b}}
	w := httptest.NewRecorder()
	if err := s.logo(w, httptest.NewRequest(http.MethodGet, b.url, nil)); err != nil || w.Header().Get("Content-Type") != "image/png" || w.Body.Len() != len(b.picture) {
		t.Errorf("%v %v", w.Header(), err)
	}
	html := filepath.Join(folder, "logo.html")
	if err := os.WriteFile(html, []byte("<script>alert(1)</script>"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{html, draw("wide.png", 2001), filepath.Join(folder, "none.png")} {
		if _, err := loadBrand(bad, ""); err == nil || !strings.Contains(err.Error(), "logo") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
