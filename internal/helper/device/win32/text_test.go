package win32

import (
	"slices"
	"strings"
	"testing"
)

func TestTyped(t *testing.T) {
	unit := func(units ...uint16) (all []input) {
		for _, u := range units {
			all = append(all, keyInput(0, u, keyUnicode, mark), keyInput(0, u, keyUnicode|keyUp, mark))
		}
		return all
	}
	enter := []input{strokeEnter.down(mark), strokeEnter.up(mark)}
	tab := []input{strokeTab.down(mark), strokeTab.up(mark)}
	for _, test := range []struct {
		name, text string
		want       []input
	}{
		{"nothing", "", nil},
		{"letters", "aü", unit('a', 'ü')},
		{"beyond 16 bits", "😀", unit(0xd83d, 0xde00)},
		{"a line end", "a\nb", slices.Concat(unit('a'), enter, unit('b'))},
		{"another line end", "\r\n\r", slices.Concat(enter, enter)},
		{"a tab", "\ta", slices.Concat(tab, unit('a'))},
		{"what no key makes", "\x00\x1b\x7f\u0085a", unit('a')},
		{"what isn't UTF-8", "\xff", unit(0xfffd)},
	} {
		if got := slices.Concat(typed(test.text, mark)...); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %s\nwant %s", test.name, bytesOf(got...), bytesOf(test.want...))
		}
	}
	if got, want := bytesOf(typed("ä", mark)[0]...),
		"0100000000000000 0000e40004000000 0000000000000000 4433221100000000 0000000000000000 "+
			"0100000000000000 0000e40006000000 0000000000000000 4433221100000000 0000000000000000"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestTypedInParts(t *testing.T) {
	text := "a" + strings.Repeat("😀", 500) // 2 inputs, then 4 each
	var inputs int
	for _, part := range typed(text, mark) {
		if len(part) > mostTyped+3 || len(part) == 0 {
			t.Errorf("a part of %d", len(part))
		}
		if last := uint16(part[len(part)-1][1] >> 16); last >= 0xd800 && last < 0xdc00 {
			t.Errorf("a part ends within a character: %#x", last)
		}
		inputs += len(part)
	}
	if inputs != 2002 {
		t.Errorf("%d inputs", inputs)
	}
}
