package deskside

import (
	"strings"
	"unicode/utf16"
)

// The characters of the GSM 7-bit default alphabet and of its extension, which
// take two septets each (3GPP TS 23.038, 6.2.1).
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// What one part of a text message holds: septets of GSM-7, UTF-16 units of
// UCS-2. Several parts need a header in each (3GPP TS 23.040, 9.2.3.24.1).
const (
	gsmAlone, gsmPart   = 160, 153
	ucs2Alone, ucs2Part = 70, 67
)

// An SMSLength says how long a text message is.
type SMSLength struct {
	Parts   int  `json:"parts"`
	Unicode bool `json:"unicode"` // it needs UCS-2, and holds less than half as much
	Left    int  `json:"left"`    // units free in the last part
}

// LengthOfSMS counts the parts that a text is sent in.
func LengthOfSMS(text string) SMSLength {
	if IsGSM7(text) {
		units := make([]int, 0, len(text))
		for _, r := range text {
			n := 1
			if strings.ContainsRune(gsmExtended, r) {
				n = 2
			}
			units = append(units, n)
		}
		return lengthOf(units, gsmAlone, gsmPart, false)
	}
	var units []int
	for _, r := range text {
		units = append(units, utf16.RuneLen(r))
	}
	return lengthOf(units, ucs2Alone, ucs2Part, true)
}

// lengthOf fills parts with characters, none of which is split.
func lengthOf(units []int, alone, part int, unicode bool) SMSLength {
	total := 0
	for _, n := range units {
		total += n
	}
	if total <= alone {
		return SMSLength{1, unicode, alone - total}
	}
	parts, left := 1, part
	for _, n := range units {
		if n > left {
			parts, left = parts+1, part
		}
		left -= n
	}
	return SMSLength{parts, unicode, left}
}

// IsGSM7 says whether the text can be sent in the GSM 7-bit alphabet.
func IsGSM7(text string) bool {
	for _, r := range text {
		if !strings.ContainsRune(gsmBasic, r) && !strings.ContainsRune(gsmExtended, r) {
			return false
		}
	}
	return true
}
