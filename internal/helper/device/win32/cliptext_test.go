package win32

import (
	"testing"
	"unicode/utf16"
)

func TestClipText(t *testing.T) {
	for _, test := range []struct{ name, text, want, back string }{
		{"nothing", "", "", ""},
		{"letters", "Grüße 😀", "Grüße 😀", "Grüße 😀"},
		{"line feeds", "a\n\nb", "a\r\n\r\nb", "a\n\nb"},
		{"line ends of Windows", "a\r\nb\n", "a\r\nb\r\n", "a\nb\n"},
		{"zeros", "a\x00b", "ab", "ab"},
	} {
		units := clipUnits(test.text)
		last := len(units) - 1
		if got := string(utf16.Decode(units[:last])); got != test.want || units[last] != 0 {
			t.Errorf("%s: %q", test.name, got)
		}
		if got := clipText(append(units, 'x', 'y'), 100); got != test.back { // memory may be longer
			t.Errorf("%s: back %q", test.name, got)
		}
	}
	for _, test := range []struct {
		text string
		most int
		want string
	}{
		{"äää", 6, "äää"}, {"äää", 5, ""}, {"\n\n\n", 3, "\n\n\n"}, {"\n\n\n", 2, ""}, {"aaaaaa", 1, ""},
	} {
		if got := clipText(clipUnits(test.text), test.most); got != test.want {
			t.Errorf("%q in %d bytes: %q", test.text, test.most, got)
		}
	}
	if got := clipText([]uint16{'a', 'b'}, 10); got != "ab" { // no zero at its end
		t.Errorf("%q", got)
	}
}
