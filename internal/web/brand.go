package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the kinds of picture that a logo can be
	_ "image/png"
	"math"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// A brand is how the organisation looks on its pages.
type brand struct {
	picture []byte // nil for none
	kind    string // its media type
	url     string // its address; "" for none
	colour  string // "#rrggbb"; "" for the shipped one
}

// The bounds of the organisation's picture.
const (
	maxLogoBytes  = 512 << 10
	maxLogoPixels = 2000 // on either side
)

// loadBrand reads the picture, once.
func loadBrand(logo, colour string) (*brand, error) {
	b := &brand{colour: strings.ToLower(colour)}
	if logo == "" {
		return b, nil
	}
	picture, err := os.ReadFile(logo)
	if err != nil {
		return nil, fmt.Errorf("logo: %w", err)
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(picture))
	switch {
	case err != nil:
		return nil, fmt.Errorf("logo: %s is no PNG or JPEG picture", logo)
	case len(picture) > maxLogoBytes:
		return nil, fmt.Errorf("logo: %s has %d bytes; %d are allowed", logo, len(picture), maxLogoBytes)
	case config.Width > maxLogoPixels || config.Height > maxLogoPixels:
		return nil, fmt.Errorf("logo: %s has %d×%d pixels; %d are allowed on a side", logo, config.Width, config.Height, maxLogoPixels)
	}
	sum := sha256.Sum256(picture)
	b.picture, b.kind, b.url = picture, "image/"+format, "/logo?v="+hex.EncodeToString(sum[:6])
	return b, nil
}

// logo serves the organisation's picture. Its address has its hash.
func (s *Server) logo(w http.ResponseWriter, r *http.Request) error {
	if s.pages.brand.picture == nil {
		return s.nothingHere(w, r)
	}
	w.Header().Set("Content-Type", s.pages.brand.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err := w.Write(s.pages.brand.picture)
	return err
}

// A colour has red, green and blue from 0 to 1.
type colour [3]float64

func parseColour(hex string) (c colour, err error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 24)
	if err != nil || len(hex) != 7 {
		return c, fmt.Errorf("%q is no colour like #0a6670", hex)
	}
	for i := range c {
		c[i] = float64(n>>(16-8*i)&0xff) / 255
	}
	return c, nil
}

func (c colour) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c[0]*255)), int(math.Round(c[1]*255)), int(math.Round(c[2]*255)))
}

// mix returns the colour with a share, 0 to 1, of another, as it can be
// written: contrasts are those of what is shown.
func (c colour) mix(other colour, share float64) colour {
	for i := range c {
		c[i] = math.Round((c[i]+(other[i]-c[i])*share)*255) / 255
	}
	return c
}

// luminance is the relative luminance of WCAG 2.2.
func (c colour) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// contrast is the contrast ratio of WCAG 2.2, 1 to 21.
func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

const (
	readable = 4.5 // text (WCAG 1.4.3)
	apart    = 3   // what is no text (WCAG 1.4.11)
)

// A scheme are the tokens of one look, by their names.
type scheme map[string]colour

func (s scheme) readable(front colour, grounds ...string) bool {
	for _, ground := range grounds {
		if contrast(front, s[ground]) < readable {
			return false
		}
	}
	return true
}

// repaint derives the accents of a look from one colour, so that every
// contrast stays enough: the tint is weakened until all that stands on it can
// be read, and the accent moved away from the grounds.
func (s scheme) repaint(base colour, dark bool) {
	ground, far := s["surface"], colour{}
	if dark {
		far = colour{1, 1, 1}
	}
	for share := 0.25; ; share -= 0.01 {
		s["accent-soft"] = ground.mix(base, max(share, 0))
		fine := s.readable(s["ink"], "accent-soft") && s.readable(s["ink-soft"], "accent-soft") && s.readable(s["bad"], "accent-soft") &&
			contrast(s["seen"], s["accent-soft"]) >= apart && contrast(s["focus"], s["accent-soft"]) >= apart
		if fine || share <= 0 {
			break
		}
	}
	s["accent"] = base
	for share := 0.0; share < 1 && !s.readable(s["accent"], "ground", "surface", "accent-soft"); share += 0.01 {
		s["accent"] = base.mix(far, share)
	}
	s["accent-strong"] = s["accent"].mix(far, 0.25)
	s["on-accent"] = colour{1, 1, 1}
	if dark {
		s["on-accent"] = colour{}.mix(base, 0.1)
	}
	if !s.readable(s["on-accent"], "accent", "accent-strong") {
		s["on-accent"] = colour{}
	}
}

// painted are the tokens that a brand's colour changes.
var painted = []string{"accent", "accent-strong", "accent-soft", "on-accent"}

var token = regexp.MustCompile(`--([a-z-]+):\s*(#[0-9a-fA-F]{6}|#[0-9a-fA-F]{3})\b`)

// tokens reads the two looks of a style sheet: the light one comes first, and
// the dark one after it.
func tokens(css string) (light, dark scheme, err error) {
	light, dark = make(scheme), make(scheme)
	for _, found := range token.FindAllStringSubmatch(css, -1) {
		c, err := parseColour(widened(found[2]))
		if err != nil {
			return nil, nil, err
		}
		if _, again := light[found[1]]; again {
			dark[found[1]] = c
		} else {
			light[found[1]] = c
		}
	}
	if len(light) == 0 || len(dark) == 0 {
		return nil, nil, errors.New("the style sheet has no two looks")
	}
	return light, dark, nil
}

// widened writes #abc as #aabbcc.
func widened(hex string) string {
	if len(hex) != 4 {
		return hex
	}
	return "#" + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:3], 2) + strings.Repeat(hex[3:], 2)
}

// shippedColour is the accent that stands in pictures, too.
const shippedColour = "0a6670"

// paint gives a built file the organisation's colour.
func (b *brand) paint(file string) (string, error) {
	if b.colour == "" {
		return file, nil
	}
	base, err := parseColour(b.colour)
	if err != nil {
		return "", err
	}
	if strings.Contains(file, "--accent-strong:") {
		return repainted(file, base)
	}
	return strings.ReplaceAll(file, shippedColour, strings.TrimPrefix(onWhite(base).String(), "#")), nil
}

// onWhite darkens a colour until white can be read on it, and it on white.
func onWhite(c colour) colour {
	base := c
	for share := 0.0; contrast(c, colour{1, 1, 1}) < readable; share += 0.01 {
		c = base.mix(colour{}, share)
	}
	return c
}

func repainted(css string, base colour) (string, error) {
	light, dark, err := tokens(css)
	if err != nil {
		return "", err
	}
	light.repaint(base, false)
	dark.repaint(base, true)
	seen := make(map[string]bool)
	return token.ReplaceAllStringFunc(css, func(found string) string {
		name := token.FindStringSubmatch(found)[1]
		for _, p := range painted {
			if p != name {
				continue
			}
			look := light
			if seen[name] {
				look = dark
			}
			seen[name] = true
			return "--" + name + ":" + look[name].String()
		}
		return found
	}), nil
}
