package deskside_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"deskside"
)

func TestParseSupportKey(t *testing.T) {
	for typed, want := range map[string]deskside.SupportKey{
		"123456789":                   "123456789",
		"123-456-789":                 "123456789",
		" 123 456 789\n":              "123456789",
		"123.456/789":                 "123456789",
		"1–2—3 4_5+6 (7) 8#9":         "123456789",
		"000-000-000":                 "000000000",
		"１２３－４５６－７８９":                 "123456789", // full width
		"١٢٣٤٥٦٧٨٩":                   "123456789", // Arabic-Indic
		"۱۲۳۴۵۶۷۸۹":                   "123456789", // Persian
		"१२३४५६७८९":                   "123456789", // Devanagari
		"𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗":                   "123456789", // bold
		"\u200e123\u00a0456\u2009789": "123456789", // as copied from a page
	} {
		if got, err := deskside.ParseSupportKey(typed); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", typed, got, err, want)
		}
	}
	for typed, want := range map[string]deskside.Code{
		"":                 deskside.CodeKeyIncomplete,
		"12345678":         deskside.CodeKeyIncomplete,
		"---":              deskside.CodeKeyIncomplete,
		"1234567890":       deskside.CodeKeyTooLong,
		"12345678O":        deskside.CodeInvalid,
		"Key: 123-456-789": deskside.CodeInvalid,
		"四百五十六":            deskside.CodeInvalid,
	} {
		if got, err := deskside.ParseSupportKey(typed); deskside.CodeOf(err) != want || got != "" {
			t.Errorf("%q: %q, %v; want code %q", typed, got, err, want)
		}
	}
}

func TestParseSupportKeySaysHowManyAreMissing(t *testing.T) {
	_, err := deskside.ParseSupportKey("123 456")
	if want := "A Support Key has 9 digits; 3 of them are missing."; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v, want …%s", err, want)
	}
}

// TestDigitsOfEveryScript relies on how Unicode places digits: ten neighbours,
// zero first.
func TestDigitsOfEveryScript(t *testing.T) {
	for zero := rune(0); zero <= unicode.MaxRune; zero++ {
		if !unicode.Is(unicode.Nd, zero) {
			continue
		}
		typed := ""
		for d := range rune(deskside.KeyDigits) {
			typed += string(zero + 1 + d)
		}
		if got, err := deskside.ParseSupportKey(typed); err != nil || got != "123456789" {
			t.Errorf("%U: %q, %v", zero, got, err)
		}
		zero += 9
	}
}

func TestNewSupportKeyIsReadBack(t *testing.T) {
	seen := make(map[deskside.SupportKey]bool)
	for range 1000 {
		key, err := deskside.NewSupportKey()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := deskside.ParseSupportKey(key.String()); err != nil || back != key {
			t.Fatalf("%q reads back as %q, %v", key, back, err)
		}
		seen[key] = true
	}
	if len(seen) < 990 { // 1,000 draws of 10^9 double once in 2,000 runs
		t.Errorf("%d different keys of 1,000", len(seen))
	}
	if got := deskside.SupportKey("123456789").String(); got != "123-456-789" {
		t.Errorf("grouped as %q", got)
	}
}

func TestNewCheckNumberHasThreeDigits(t *testing.T) {
	for range 100 {
		n, err := deskside.NewCheckNumber()
		var v int
		if _, scan := fmt.Sscanf(n, "%03d", &v); err != nil || scan != nil || len(n) != 3 {
			t.Fatalf("%q, %v", n, err)
		}
	}
}

func FuzzParseSupportKey(f *testing.F) {
	for _, seed := range []string{"123-456-789", "１２３", "1234567890", "O", "\xff1", "١٢٣٤٥٦٧٨٩"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		key, err := deskside.ParseSupportKey(typed)
		if err != nil {
			if key != "" || deskside.CodeOf(err) == deskside.CodeInternal {
				t.Fatalf("%q: key %q with %v", typed, key, err)
			}
			return
		}
		if len(key) != deskside.KeyDigits || strings.Trim(string(key), "0123456789") != "" {
			t.Fatalf("%q: %q is no key", typed, key)
		}
		if again, err := deskside.ParseSupportKey(key.String()); err != nil || again != key {
			t.Fatalf("%q: %q reads back as %q, %v", typed, key, again, err)
		}
	})
}

func TestShowMissing(t *testing.T) {
	for typed, want := range map[string]string{
		"":           "•••-•••-•••",
		"12345":      "123-45•-•••",
		"123-45":     "123-45•-•••",
		"12-456-789": "12•-456-789",
		"123 4 789":  "123-4••-789",
		"12 34 56 7": "123-456-7••",
		"１２３４":       "123-4••-•••",
		"call 12":    "12•-•••-•••",
	} {
		if got := deskside.ShowMissing(typed); got != want {
			t.Errorf("%q: %s, want %s", typed, got, want)
		}
	}
}
