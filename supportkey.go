package deskside

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// KeyDigits is the length of a Support Key.
const KeyDigits = 9

// The bounds and the default of the time in which a key can start its session.
const (
	MinKeyLife     = 10 * time.Minute
	DefaultKeyLife = time.Hour
	MaxKeyLife     = 24 * time.Hour
)

// DeadKeyMemory is how long a key that can't be used any more keeps its
// number and says why; after that it is not recognised.
const DeadKeyMemory = 24 * time.Hour

// A SupportKey is nine digits, to be read out on the phone. It is a locator,
// not a secret: who comes by it waits until the agent admits them.
type SupportKey string

// NewSupportKey draws a key from a cryptographic source, each of the 10^9
// alike.
func NewSupportKey() (SupportKey, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000_000))
	if err != nil {
		return "", fmt.Errorf("draw a Support Key: %w", err)
	}
	return SupportKey(fmt.Sprintf("%09d", n)), nil
}

// ParseSupportKey reads a key as people type it: digits of any script
// (full-width ones too), with any separators between them.
//
// Errors: CodeKeyIncomplete, CodeKeyTooLong, and CodeInvalid where letters
// stand among the digits.
func ParseSupportKey(typed string) (SupportKey, error) {
	var digits strings.Builder
	n := 0
	for _, r := range typed {
		switch d, ok := digit(r); {
		case ok:
			if n++; n <= KeyDigits {
				digits.WriteByte('0' + d)
			}
		case unicode.IsLetter(r):
			return "", Errorf(CodeInvalid, "A Support Key has digits only.")
		}
	}
	switch {
	case n < KeyDigits:
		return "", Errorf(CodeKeyIncomplete, "A Support Key has 9 digits; %d of them are missing.", KeyDigits-n)
	case n > KeyDigits:
		return "", Errorf(CodeKeyTooLong, "A Support Key has 9 digits; these are %d.", n)
	}
	return SupportKey(digits.String()), nil
}

// ShowMissing writes what was typed of an incomplete key with a point for each
// digit that is missing: "12-456-789" becomes "12•-456-789". Where the groups
// don't tell which those are, they are the last ones.
func ShowMissing(typed string) string {
	groups := strings.FieldsFunc(typed, func(r rune) bool { _, ok := digit(r); return !ok })
	for _, g := range groups {
		if len(groups) != 3 || utf8.RuneCountInString(g) > 3 {
			groups = regroup(strings.Join(groups, ""))
			break
		}
	}
	for len(groups) < 3 {
		groups = append(groups, "")
	}
	for i, g := range groups {
		shown := ""
		for _, r := range g {
			d, _ := digit(r)
			shown += string(rune('0' + d))
		}
		groups[i] = shown + strings.Repeat("•", max(0, 3-len(shown)))
	}
	return strings.Join(groups, "-")
}

// regroup splits digits into groups of three.
func regroup(digits string) (groups []string) {
	runes := []rune(digits)
	for len(runes) > 3 {
		groups, runes = append(groups, string(runes[:3])), runes[3:]
	}
	return append(groups, string(runes))
}

// digit returns the value of a decimal digit. Unicode lays the digits of each
// script out as ten neighbours, in order, so the value is the distance from
// the script's zero.
func digit(r rune) (byte, bool) {
	if !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	for _, span := range unicode.Nd.R16 {
		if r >= rune(span.Lo) && r <= rune(span.Hi) {
			return byte((r - rune(span.Lo)) % 10), true
		}
	}
	for _, span := range unicode.Nd.R32 {
		if r >= rune(span.Lo) && r <= rune(span.Hi) {
			return byte((r - rune(span.Lo)) % 10), true
		}
	}
	return 0, false
}

// String groups the key for reading: 123-456-789.
func (k SupportKey) String() string {
	if len(k) != KeyDigits {
		return ""
	}
	return string(k[:3] + "-" + k[3:6] + "-" + k[6:])
}

// NewCheckNumber draws the three digits that the page of somebody who knocks
// shows, and that the agent hears from them before pressing Admit.
func NewCheckNumber() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1000))
	if err != nil {
		return "", fmt.Errorf("draw a check number: %w", err)
	}
	return fmt.Sprintf("%03d", n), nil
}

// A Key is what the server stores of one Support Key and its link: look-up
// values that can't be turned back, and both sealed, for the agent's card,
// until the session starts or the key dies.
type Key struct {
	Session    SessionID
	Generation int    // 1 for the session's first key, one more for each New key
	DigitsMAC  []byte // HMAC of the nine digits
	LinkMAC    []byte // HMAC of the link's token
	Sealed     []byte // AES-256-GCM of digits and token; nil once they are needed no more
	Visits     int    // how often the link was opened; scanners and previews count too
}
