package deskside_test

import (
	"testing"

	"deskside"
)

func TestHelperCode(t *testing.T) {
	seen := make(map[deskside.HelperCode]bool)
	letters := make(map[rune]int)
	for range 5000 {
		code := deskside.NewHelperCode()
		if got, err := deskside.ParseHelperCode(string(code)); got != code || err != nil {
			t.Fatalf("%q is read as %q, %v", code, got, err)
		}
		seen[code] = true
		for _, r := range code {
			letters[r]++
		}
	}
	if len(seen) < 4998 {
		t.Errorf("5,000 codes are %d different ones", len(seen))
	}
	for r, n := range letters {
		if n < 800 || n > 1200 {
			t.Errorf("%c came %d times of 30,000, want about 1,000", r, n)
		}
	}
	if len(letters) != 30 {
		t.Errorf("%d letters, want 30", len(letters))
	}
}

func TestParseHelperCode(t *testing.T) {
	for typed, want := range map[string]deskside.HelperCode{
		"k7m2qx": "K7M2QX", " K7M 2QX\n": "K7M2QX", "k7m-2qx": "K7M2QX",
		"": "", "K7M2Q": "", "K7M2QXX": "", "K7M2Q1": "", "K7M2QÄ": "", "K7M2Q/": "",
	} {
		got, err := deskside.ParseHelperCode(typed)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is read as %q, %v; want %q", typed, got, err, want)
		}
	}
}
