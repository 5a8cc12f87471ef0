package deskside

import (
	"crypto/rand"
	"strings"
	"unicode"
)

// A HelperCode is six letters and digits that lead a helper to its session.
// It is part of the helper's file name, or typed. It is good for OfferLife and
// for one helper, and allows nothing: that the end-user does in the helper.
type HelperCode string

// helperLetters has no letter and no digit that is mistaken for another, and
// no vowel but A and E, so that no word comes out.
const helperLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// helperCodeLength is the number of letters and digits: 7 × 10^8 codes.
const helperCodeLength = 6

// NewHelperCode draws a code from a cryptographic source.
func NewHelperCode() HelperCode {
	code := make([]byte, 0, helperCodeLength)
	for random := make([]byte, 1); len(code) < helperCodeLength; {
		rand.Read(random)                                                         // never fails: crypto/rand ends the program instead
		if i := int(random[0]); i < len(helperLetters)*(256/len(helperLetters)) { // else some letters would be likelier
			code = append(code, helperLetters[i%len(helperLetters)])
		}
	}
	return HelperCode(code)
}

// ParseHelperCode reads a code as people type it: in small letters too, with
// separators. CodeInvalid for anything else.
func ParseHelperCode(typed string) (HelperCode, error) {
	code := strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, typed))
	if len(code) != helperCodeLength || strings.Trim(code, helperLetters) != "" {
		return "", Errorf(CodeInvalid, "A code has 6 letters and digits, like K7M2QX.")
	}
	return HelperCode(code), nil
}
