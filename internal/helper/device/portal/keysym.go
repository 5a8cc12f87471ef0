//go:build linux

package portal

// The keysyms that stand for no character of a text.
const (
	keysymTab    = 0xff09
	keysymReturn = 0xff0d
)

// keysym returns the X keysym of a character, the one that keyboard layouts
// have: compositors look a keysym up as it is, so a layout's EuroSign (0x20ac)
// isn't found by 0x010020ac, though both mean the same. Control characters
// have none, but for a line feed and a tab.
func keysym(r rune) (int32, bool) {
	switch {
	case r >= 0x20 && r <= 0x7e, r >= 0xa0 && r <= 0xff:
		return r, true
	case r == '\n':
		return keysymReturn, true
	case r == '\t':
		return keysymTab, true
	case r < 0xa0, r >= 0xd800 && r < 0xe000, r > 0x10ffff:
		return 0, false
	case r >= 0x0621 && r <= 0x063a, r >= 0x0640 && r <= 0x0652, r == 0x060c, r == 0x061b, r == 0x061f: // Arabic
		return r - 0x0060, true
	case r >= 0x05d0 && r <= 0x05ea: // Hebrew
		return r + 0x0710, true
	case r >= 0x0e01 && r <= 0x0e3a, r >= 0x0e3f && r <= 0x0e4d, r >= 0x0e50 && r <= 0x0e59: // Thai
		return r - 0x0060, true
	}
	if sym, ok := keysyms[r]; ok {
		return sym, true
	}
	return 0x01000000 | r, true
}

// keysyms are those from before Unicode, without the ones that keysym computes.
var keysyms = func() map[rune]int32 {
	syms := make(map[rune]int32)
	for _, row := range keysymRows {
		sym := row.first
		for _, r := range row.characters {
			if r != ' ' {
				syms[r] = sym
			}
			sym++
		}
	}
	return syms
}()

// keysymRows are characters in the order of their keysyms; a space is one that
// has none, or another row's.
var keysymRows = []struct {
	first      int32
	characters string
}{
	// Latin 2, 3 and 4
	{0x1a1, "Ą˘Ł ĽŚ  ŠŞŤŹ ŽŻ ą˛ł ľśˇ šşťź˝žżŔ  Ă ĹĆ Č Ę Ě  ĎĐŃŇ  Ő  ŘŮ Ű  Ţ ŕ  ă ĺć č ę ě  ďđńň  ő  řů ű  ţ˙"},
	{0x2a1, "Ħ    Ĥ  İ ĞĴ    ħ    ĥ  ı ğĵ        ĊĈ              Ġ  Ĝ    ŬŜ      ċĉ              ġ  ĝ    ŭŝ"},
	{0x3a2, "ĸŖ ĨĻ   ĒĢŦ      ŗ ĩļ   ēģŧŊ ŋĀ      Į    Ė  Ī ŅŌĶ     Ų   ŨŪ ā      į    ė  ī ņōķ     ų   ũū"},
	{0x13bc, "ŒœŸ"},
	// Katakana
	{0x4a1, "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜"},
	// Cyrillic
	{0x6a1, "ђѓёєѕіїјљњћќґўџ№ЂЃЁЄЅІЇЈЉЊЋЌҐЎЏюабцдефгхийклмнопярстужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ"},
	// Greek
	{0x7a1, "ΆΈΉΊΪ ΌΎΫ Ώ  ΅― άέήίϊΐόύϋΰώ     ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣ ΤΥΦΧΨΩ       αβγδεζηθικλμνξοπρσςτυφχψω"},
	// Signs
	{0x8bc, "≤≠≥∫"},
	{0x8fb, "←↑→↓"},
	{0xaa9, "—– ␣ …‥⅓⅔⅕⅖⅗⅘⅙⅚"},
	{0xac3, "⅛⅜⅝⅞  ™"},
	{0xad0, "‘’“”℞‰′″"},
	{0xaf1, "†‡✓✗♯♭♂♀☎⌕℗‸‚„"},
	{0x20ac, "€"},
}
