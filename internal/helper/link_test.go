package helper

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

func address(t *testing.T, s *httptest.Server) *url.URL {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestPair(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/helper":
			_, _ = w.Write([]byte(`{"token":"T","agent":"Ada","organisation":"Example Ltd"}`))
		case "/refuses/api/helper":
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"code":"key-unknown","detail":"This code is not recognised."}`))
		default:
			http.Error(w, "<html>nginx</html>", http.StatusBadGateway)
		}
	}))
	defer s.Close()
	p, err := pair(t.Context(), address(t, s), "K7M2QX")
	if err != nil || p.Token != "T" || p.Agent != "Ada" || p.Organisation != "Example Ltd" {
		t.Errorf("%+v, %v", p, err)
	}
	for path, want := range map[string]string{"/refuses": "This code is not recognised.", "/other": "is no Deskside server"} {
		if _, err := pair(t.Context(), address(t, s).JoinPath(path), "K7M2QX"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

// TestCertificates meets a server whose certificate nobody vouches for: there
// is no way past that.
func TestCertificates(t *testing.T) {
	called := false
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer s.Close()
	if _, err := pair(t.Context(), address(t, s), "K7M2QX"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("paired with %v", err)
	}
	if _, err := newLink(address(t, s), "T").connect(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("connected with %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	l := newLink(address(t, s), "T")
	go l.run(ctx)
	select {
	case h := <-l.heard:
		if h.over == nil || !strings.Contains(h.over.Error(), "certificate") {
			t.Errorf("heard %+v", h)
		}
	case <-ctx.Done():
		t.Error("it goes on trying")
	}
	if called {
		t.Error("the server was told something")
	}
}

// TestRedirects meets a server that sends the helper elsewhere.
func TestRedirects(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	s := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer s.Close()
	if _, err := pair(t.Context(), address(t, s), "K7M2QX"); err == nil || !strings.Contains(err.Error(), "no Deskside server") {
		t.Errorf("paired with %v", err)
	}
	if connected, err := newLink(address(t, s), "T").connect(t.Context()); err == nil || connected {
		t.Errorf("connected: %v, %v", connected, err)
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

// A nowhere is a network that reaches nobody.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no route to host")
}

// TestPatience reaches nobody, and gives up.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLink(&url.URL{Scheme: "https", Host: "support.example.org"}, "T")
		l.client = &http.Client{Transport: nowhere{}}
		began := time.Now()
		go l.run(t.Context())
		h := <-l.heard
		if took := time.Since(began); h.over == nil || errors.Is(h.over, errOver) || took < patience || took > patience+3*time.Second {
			t.Errorf("after %s heard %+v", took, h)
		}
	})
}

// TestLink loses its connection, comes back, and learns that it is over.
func TestLink(t *testing.T) {
	var connections atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer T" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		n := connections.Add(1)
		_ = conn.Write(r.Context(), websocket.MessageBinary, []byte(`{"type":"state","agent":"ada","agentName":"Ada","screen":7,"here":true}`))
		_ = conn.Write(r.Context(), websocket.MessageBinary, []byte(`{"type":"beat"}`))
		if _, b, err := conn.Read(r.Context()); err != nil || string(b) != `{"type":"beat"}` {
			t.Errorf("answered %s, %v", b, err)
		}
		_ = conn.Write(r.Context(), websocket.MessageBinary, []byte{1, 2})
		if n == 2 {
			_ = conn.Close(4000, "")
		}
	}))
	defer s.Close()
	l := newLink(address(t, s), "T")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	go l.run(ctx)
	var got []string
	for over := false; !over; {
		select {
		case h := <-l.heard:
			switch {
			case h.state != nil && h.state.AgentName == "Ada" && h.state.Screen == 7:
				got = append(got, "state")
			case h.frame != nil:
				got = append(got, "frame")
			case h.lost:
				got = append(got, "lost")
			case h.over != nil:
				over = true
				if !errors.Is(h.over, errOver) {
					t.Errorf("over because of %v", h.over)
				}
			}
		case <-ctx.Done():
			t.Fatalf("heard only %v", got)
		}
	}
	if want := "state frame lost state frame lost"; strings.Join(got, " ") != want {
		t.Errorf("heard %v, want %s", got, want)
	}
	if _, err := newLink(address(t, s), "another").connect(t.Context()); !errors.Is(err, errOver) {
		t.Errorf("without a credential: %v", err)
	}
}
