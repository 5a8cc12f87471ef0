package web

import (
	"bytes"
	"errors"
	"net"
	"testing"
)

// A recorder is a connection that remembers each write.
type recorder struct {
	net.Conn
	writes [][]byte
	err    error
}

func (r *recorder) Write(b []byte) (int, error) {
	r.writes = append(r.writes, bytes.Clone(b))
	return len(b), r.err
}

func TestCork(t *testing.T) {
	r := &recorder{}
	c := &corked{Conn: r}
	write := func(s string) {
		t.Helper()
		if n, err := c.Write([]byte(s)); n != len(s) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	write("at once")
	c.cork()
	write("one ")
	write("two")
	if err := c.uncork(); err != nil {
		t.Fatal(err)
	}
	c.cork() // nothing is held back: nothing is written
	if err := c.uncork(); err != nil {
		t.Fatal(err)
	}
	big := string(make([]byte, most))
	c.cork()
	write("before ")
	write(big)
	write("after")
	if err := c.uncork(); err != nil {
		t.Fatal(err)
	}
	want := []string{"at once", "one two", "before " + big, "after"}
	if len(r.writes) != len(want) {
		t.Fatalf("%d writes, want %d", len(r.writes), len(want))
	}
	for i, w := range want {
		if string(r.writes[i]) != w {
			t.Errorf("write %d is %.20q, want %.20q", i, r.writes[i], w)
		}
	}
	r.err = errors.New("cut")
	c.cork()
	write("lost")
	if err := c.uncork(); !errors.Is(err, r.err) {
		t.Errorf("the end of the connection came back as %v", err)
	}
}
