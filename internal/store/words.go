package store

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"deskside"
)

// A word is a word of a text, and where it stands there.
type word struct {
	from, to int    // in bytes
	text     string // as it was written
	folded   string // as words are compared: without case and accents
}

// wordsOf returns the words of a text: what SQLite's FTS5 takes for some
// (unicode61), so that a session is found in every database by the same.
func wordsOf(text string) (words []word) {
	from := -1
	end := func(to int) {
		if from >= 0 {
			words = append(words, word{from, to, text[from:to], fold(text[from:to])})
		}
		from = -1
	}
	for i, r := range text {
		switch {
		case unicode.In(r, unicode.L, unicode.N, unicode.Co):
			if from < 0 {
				from = i
			}
		case from >= 0 && unicode.Is(unicode.Mn, r): // an accent of what is before it
		default:
			end(i)
		}
	}
	end(len(text))
	return words
}

var finalSigma = strings.NewReplacer("ς", "σ")

// fold removes what words are compared without.
func fold(s string) string {
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
	return finalSigma.Replace(strings.ToLower(bare))
}

// snippetLength is how many words a snippet has.
const snippetLength = 24

// snippet shows a part of a document with words that were searched for, of
// which the last is a beginning. It is that part in which most of them are.
func snippet(document string, searched []word) []deskside.Fragment {
	words := wordsOf(document)
	if len(words) == 0 {
		return []deskside.Fragment{}
	}
	hits := make([]int, len(words)) // which of the searched words it is, from 1; 0 for none
	for i, w := range words {
		hits[i] = hit(w.folded, searched)
	}
	from := bestPart(hits, len(searched))
	to := min(from+snippetLength, len(words))
	var list []deskside.Fragment
	add := func(text string, isHit bool) {
		if text != "" {
			list = append(list, deskside.Fragment{Text: text, Hit: isHit})
		}
	}
	at := words[from].from
	if from > 0 {
		add("…", false)
	} else {
		at = 0
	}
	for i := from; i < to; i++ {
		if hits[i] > 0 {
			add(document[at:words[i].from], false)
			add(document[words[i].from:words[i].to], true)
			at = words[i].to
		}
	}
	if to < len(words) {
		add(document[at:words[to-1].to]+"…", false)
	} else {
		add(document[at:], false)
	}
	return list
}

func hit(folded string, searched []word) int {
	for i, s := range searched {
		if folded == s.folded || i == len(searched)-1 && strings.HasPrefix(folded, s.folded) {
			return i + 1
		}
	}
	return 0
}

// before is how many words a snippet has before its first hit, where it can.
const before = 5

// bestPart returns where the part begins in which most of the searched words
// are.
func bestPart(hits []int, searched int) (from int) {
	most := 0
	for i := range hits {
		if hits[i] == 0 {
			continue
		}
		seen := make([]bool, searched+1)
		n := 0
		for _, h := range hits[i:min(i+snippetLength-before, len(hits))] {
			if h > 0 && !seen[h] {
				seen[h] = true
				n++
			}
		}
		if n > most {
			most, from = n, max(0, i-before)
		}
	}
	return from
}
