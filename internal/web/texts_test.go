package web

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"rsc.io/qr"

	files "deskside/web"
)

func TestSay(t *testing.T) {
	texts := texts{
		"plain": "Hello {name}", "plural": "{n, plural, one {one digit} other {# digits}} missing", "zero": "{n, plural, =0 {none} other {#}}",
		"select": "{who, select, agent {Ada {what}} other {somebody}}", "broken": "{name",
	}
	for _, test := range []struct {
		key   string
		pairs []any
		want  string
	}{
		{"plain", []any{"name", "Ada {x}"}, "Hello Ada {x}"},
		{"plural", []any{"n", 1}, "one digit missing"},
		{"plural", []any{"n", 3}, "3 digits missing"},
		{"zero", []any{"n", 0}, "none"},
		{"select", []any{"who", "agent", "what", "writes"}, "Ada writes"},
		{"select", []any{"who", "x"}, "somebody"},
		{"broken", []any{"name", "Ada"}, "Ada"},
		{"missing", nil, "missing"},
		{"plain", nil, "Hello "},
		{"select", []any{"who", "agent", "what", "#1"}, "Ada #1"},
	} {
		if got := texts.say(test.key, test.pairs...); got != test.want {
			t.Errorf("%s: %q, want %q", test.key, got, test.want)
		}
	}
}

func TestLanguage(t *testing.T) {
	c, err := loadCatalogues(files.Files, "en")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ query, cookie, header, want string }{
		{"", "", "", "en"},
		{"", "", "de-AT,de;q=0.9,en;q=0.8", "de"},
		{"", "", "fr, en;q=0.3, de;q=0.7", "de"},
		{"", "", "de;q=0, fr", "en"},
		{"", "de", "en", "de"},
		{"?lang=en", "de", "de", "en"},
		{"?lang=xx", "", "de", "de"},
	} {
		r := httptest.NewRequest("GET", "/"+test.query, nil)
		r.Header.Set("Accept-Language", test.header)
		r.Header.Set("Cookie", languageCookie+"="+test.cookie)
		if got := c.language(r); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

func TestMailEscape(t *testing.T) {
	if got, want := mailEscape("a+b & ü\r\n"), "a%2Bb%20%26%20%C3%BC%0D%0A"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestQRCode reads the drawn modules back and compares them with the code.
func TestQRCode(t *testing.T) {
	const text = "https://support.example.org/j/ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	svg, err := qrSVG(text)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	drawn := make(map[[2]int]bool)
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1H`).FindAllStringSubmatch(string(svg), -1) {
		x, _ := strconv.Atoi(run[1]) // the expression lets only digits through
		y, _ := strconv.Atoi(run[2])
		length, _ := strconv.Atoi(run[3])
		for i := range length {
			drawn[[2]int{x + i, y}] = true
		}
	}
	side := code.Size + 2*quietZone
	for y := range side {
		for x := range side {
			if want := code.Black(x-quietZone, y-quietZone); drawn[[2]int{x, y}] != want {
				t.Fatalf("module %d,%d is dark: %t", x, y, !want)
			}
		}
	}
	if !strings.Contains(string(svg), fmt.Sprintf(`viewBox="0 0 %d %d"`, side, side)) {
		t.Error("the quiet zone is not four modules wide")
	}
}

func TestAccepted(t *testing.T) {
	if diff := cmp.Diff([]string{"de", "en", "fr"}, accepted("fr;q=0.2, de, en;q=0.5, xx;q=0")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
