package macos

import (
	"unicode"
	"unicode/utf16"
)

// most is how many UTF-16 units an event takes; the system drops the rest.
const most = 20

// piece is a part of a text that one event types: some characters, or a key.
type piece struct {
	code uint16
	text []uint16
}

// split splits a text into what events can carry. No character is torn apart.
// A line feed is Return and a tab Tab; other control characters are left out.
func split(s string) []piece {
	var pieces []piece
	var text []uint16
	flush := func() {
		if len(text) > 0 {
			pieces = append(pieces, piece{text: text})
			text = nil
		}
	}
	for _, r := range s {
		switch {
		case r == '\n':
			flush()
			pieces = append(pieces, piece{code: vkReturn})
		case r == '\t':
			flush()
			pieces = append(pieces, piece{code: vkTab})
		case unicode.IsControl(r):
		default:
			if len(text)+utf16.RuneLen(r) > most {
				flush()
			}
			text = utf16.AppendRune(text, r)
		}
	}
	flush()
	return pieces
}
