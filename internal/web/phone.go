package web

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"rsc.io/qr"
)

// countries lists the countries that phone numbers are known of.
func (s *Server) countries(w http.ResponseWriter, _ *http.Request) error {
	type country struct {
		Code    string `json:"code"` // ISO 3166-1
		Calling int    `json:"calling"`
	}
	var list []country
	for code := range phonenumbers.GetSupportedRegions() {
		list = append(list, country{code, phonenumbers.GetCountryCodeForRegion(code)})
	}
	slices.SortFunc(list, func(a, b country) int { return strings.Compare(a.Code, b.Code) })
	return writeJSON(w, struct {
		Default   string    `json:"default"`
		Countries []country `json:"countries"`
	}{s.Country, list})
}

// quietZone is the empty border of a QR code, in modules (ISO/IEC 18004).
const quietZone = 4

// qrDataURL draws text as a QR code: an SVG picture in a data: URL, so that
// what it holds never stands in an address.
func qrDataURL(text string) (string, error) {
	svg, err := qrSVG(text)
	if err != nil {
		return "", err
	}
	return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(svg), nil
}

func qrSVG(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw a QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for code.Black(x, y) { // white beyond the edge
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1H%dz", from+quietZone, y+quietZone, x-from, from+quietZone)
			}
		}
	}
	side := code.Size + 2*quietZone
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`, side, side, side, side, path.String()), nil
}
