package deskside_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"deskside"
)

func TestCheckAccount(t *testing.T) {
	const right = "correct horse"
	for _, c := range []struct {
		name, who, email, password string
		ok                         bool
	}{
		{"usual", "Ada", "ada@example.org", right, true},
		{"a name of any script", "Ada Λ 😀", "ada@example.org", right, true},
		{"the shortest password", "Ada", "a@b", "Grüße 12", true},
		{"no name", " ", "ada@example.org", right, false},
		{"a name that is too long", strings.Repeat("a", deskside.MaxName+1), "ada@example.org", right, false},
		{"a name of two lines", "Ada\r\nBcc: x", "ada@example.org", right, false},
		{"no address", "Ada", "", right, false},
		{"no host", "Ada", "ada@", right, false},
		{"no person", "Ada", "@example.org", right, false},
		{"two addresses", "Ada", "ada@example.org,bob@example.org", right, false},
		{"an address with a name", "Ada", "Ada<ada@example.org>", right, false},
		{"an address with a space", "Ada", "ada @example.org", right, false},
		{"an address of bytes", "Ada", "\xff@example.org", right, false},
		{"an address that is too long", "Ada", strings.Repeat("a", deskside.MaxEmail) + "@example.org", right, false},
		{"a short password", "Ada", "ada@example.org", "äöüß123", false},
		{"a password that is too long", "Ada", "ada@example.org", strings.Repeat("a", deskside.MaxPassword+1), false},
	} {
		err := deskside.CheckAccount(c.who, c.email, c.password)
		if (err == nil) != c.ok || err != nil && deskside.CodeOf(err) != deskside.CodeInvalid {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestErrorsKeepTheirCauseForTheLog(t *testing.T) {
	err := deskside.Errorf(deskside.CodeInvalid, "That is no %s: %w", "key", io.ErrUnexpectedEOF)
	if err.Detail != "That is no key" {
		t.Errorf("people read %q", err.Detail)
	}
	if want := "invalid: That is no key: unexpected EOF"; err.Error() != want {
		t.Errorf("the log reads %q, want %q", err, want)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	if got := deskside.CodeOf(deskside.Unavailable(io.ErrShortWrite)); got != deskside.CodeUnavailable {
		t.Errorf("code %q", got)
	}
	if got := deskside.CodeOf(io.EOF); got != deskside.CodeInternal {
		t.Errorf("any other error has code %q", got)
	}
}

func TestMarksNeverFall(t *testing.T) {
	var m deskside.Marks
	for _, c := range []struct {
		more, want deskside.Marks
		changed    bool
	}{
		{deskside.Marks{Delivered: 3}, deskside.Marks{Delivered: 3}, true},
		{deskside.Marks{Read: 5}, deskside.Marks{Delivered: 5, Read: 5}, true},
		{deskside.Marks{Delivered: 4, Read: 2}, deskside.Marks{Delivered: 5, Read: 5}, false},
		{deskside.Marks{Delivered: 6, Read: 1}, deskside.Marks{Delivered: 6, Read: 5}, true},
	} {
		if changed := m.Raise(c.more); changed != c.changed || m != c.want {
			t.Errorf("raised by %+v: %+v, changed %v; want %+v, %v", c.more, m, changed, c.want, c.changed)
		}
	}
}
