package web_test

import (
	"bytes"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"testing"

	"deskside/internal/servertest"
	files "deskside/web"
)

// maxJoin is what the one response with everything that chatting needs may
// have, headers included: ten TCP segments, which a server sends at once.
const maxJoin = 14_336

// TestWeight counts the bytes that an end-user's browser loads before it can
// chat, as they are on the wire.
func TestWeight(t *testing.T) {
	s := servertest.Start(t)
	_, card := s.Agent(t, strings.Repeat("A", 20)).StartSession(t)
	for _, language := range []string{"en", "de"} {
		wire := fetch(t, s, strings.TrimPrefix(card.Link, s.URL)+"?lang="+language)
		if len(dist(t)) == 0 {
			if os.Getenv("CI") != "" {
				t.Fatal("the web files are not built")
			}
			t.Skip("the web files are not built: run `make web`")
		}
		if !bytes.HasPrefix(wire, []byte("HTTP/1.1 200 OK")) {
			t.Fatalf("no page: %.200s", wire)
		}
		if len(wire) > maxJoin {
			t.Errorf("%s: %d bytes on the wire, %d are allowed", language, len(wire), maxJoin)
		}
		t.Logf("%s: %d bytes on the wire", language, len(wire))
	}
}

// dist lists what the web build made.
func dist(t *testing.T) []string {
	t.Helper()
	built, err := fs.Glob(files.Files, "dist/join.js")
	if err != nil {
		t.Fatal(err)
	}
	return built
}

func fetch(t *testing.T, s *servertest.Server, path string) []byte {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	request := "GET " + path + " HTTP/1.1\r\nHost: " + strings.TrimPrefix(s.URL, "http://") + "\r\nAccept: text/html\r\nAccept-Encoding: gzip, br\r\nConnection: close\r\n\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
