package helper

import (
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The helper's window is a page that it serves to the person's own browser:
// the one kind of window that every system draws well, in every script and for
// every screen reader, without a toolkit. Its address is on this computer
// only, and has a secret in its path. Other users of the computer may read that
// where it is handed to the browser, so it is good for one: whoever opens the
// page first has a cookie from then on, and nobody else gets in.
//
//go:embed window
var windowFiles embed.FS

// A View is what the window shows.
type View struct {
	Phase        string `json:"phase"` // "code", "pairing", "ask", "on", "over"
	Server       string `json:"server"`
	Organisation string `json:"organisation"`
	Agent        string `json:"agent"`   // the name
	AgentID      string `json:"agentID"` // what Allow has to name
	Mode         string `json:"mode"`    // of control, in the phase "on"
	Screen       bool   `json:"screen"`  // a whole screen is shared
	Since        int64  `json:"since"`   // milliseconds since 1970
	StopKeys     string `json:"stopKeys"`
	System       string `json:"system"`
	ByClick      bool   `json:"byClick"`
	Clipboard    bool   `json:"clipboard"`
	Trouble      string `json:"trouble"`    // what went wrong, in words
	Permission   bool   `json:"permission"` // the system's settings don't allow it yet
	Elevated     bool   `json:"elevated"`   // a window needs administrator rights
}

// A Command is what the person did in the window.
type Command struct {
	Do        string `json:"do"` // "pair", "allow", "decline", "pause", "resume", "stop", "look", "restart"
	Server    string `json:"server"`
	Code      string `json:"code"`
	Agent     string `json:"agent"` // whom they allow, as the window named them
	Clipboard bool   `json:"clipboard"`
	Automatic bool   `json:"automatic"`
	ByClick   bool   `json:"byClick"`
}

// A window is the page and who looks at it.
type window struct {
	Commands chan Command
	address  string // of the page, with the secret
	host     string
	secret   string
	pass     string // the cookie of the browser that opened it
	server   *http.Server

	mu      sync.Mutex // guards what follows
	opened  bool       // by that browser
	view    View
	changed chan struct{} // closed with the next change
}

// openWindow begins to serve the page.
func openWindow() (*window, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the helper's window: %w", err)
	}
	w := &window{Commands: make(chan Command, 16), host: listener.Addr().String(), secret: rand.Text(), pass: rand.Text(), changed: make(chan struct{})}
	w.address = "http://" + w.host + "/" + w.secret + "/"
	w.server = &http.Server{Handler: w, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = w.server.Serve(listener) }() // until close
	return w, nil
}

func (w *window) close() { _ = w.server.Close() }

// show changes what is seen.
func (w *window) show(v View) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.view == v {
		return
	}
	w.view = v
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *window) now() (View, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.view, w.changed
}

// ServeHTTP implements [http.Handler]. Another page's script could call this
// address too, under a name of its own (DNS rebinding) or without reading the
// answer; neither knows the secret, and both are refused for themselves.
func (w *window) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	h := rw.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	secret, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if r.Host != w.host || subtle.ConstantTimeCompare([]byte(secret), []byte(w.secret)) != 1 {
		http.Error(rw, "There is nothing here.", http.StatusNotFound)
		return
	}
	if !w.admits(rw, r, name) {
		http.Error(rw, "This window is open in another browser already. If that is not yours, end the helper.", http.StatusForbidden)
		return
	}
	switch {
	case name == "do" && r.Method == http.MethodPost && r.Header.Get("Origin") == "http://"+w.host:
		w.do(rw, r)
	case name == "view" && r.Method == http.MethodGet:
		w.stream(rw, r)
	case r.Method == http.MethodGet:
		w.file(rw, r, name)
	default:
		http.Error(rw, "There is nothing here.", http.StatusNotFound)
	}
}

// passName is the name of the cookie, which goes to no other path.
const passName = "deskside-helper"

// admits says whether a request is of the browser that opened the window, which
// becomes the one that asks for the page first.
func (w *window) admits(rw http.ResponseWriter, r *http.Request, name string) bool {
	if c, err := r.Cookie(passName); err == nil && subtle.ConstantTimeCompare([]byte(c.Value), []byte(w.pass)) == 1 {
		return true
	}
	if name != "" || r.Method != http.MethodGet || !w.open() {
		return false
	}
	http.SetCookie(rw, &http.Cookie{Name: passName, Value: w.pass, Path: "/" + w.secret + "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	return true
}

// open says whether the window is opened for the first time.
func (w *window) open() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := !w.opened
	w.opened = true
	return first
}

func (w *window) file(rw http.ResponseWriter, r *http.Request, name string) {
	if name == "" {
		name = "index.html"
	}
	files, err := fs.Sub(windowFiles, "window")
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	http.ServeFileFS(rw, r, files, strings.Replace(name, "index.html", "page.html", 1))
}

func (w *window) do(rw http.ResponseWriter, r *http.Request) {
	var c Command
	if err := json.NewDecoder(http.MaxBytesReader(rw, r.Body, 4<<10)).Decode(&c); err != nil {
		http.Error(rw, "That is no command.", http.StatusBadRequest)
		return
	}
	select {
	case w.Commands <- c:
		rw.WriteHeader(http.StatusNoContent)
	case <-time.After(time.Second):
		http.Error(rw, "The helper is busy.", http.StatusServiceUnavailable)
	}
}

// stream shows each change as a server-sent event.
func (w *window) stream(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Content-Type", "text/event-stream")
	for {
		v, changed := w.now()
		b, err := json.Marshal(v)
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(rw, "data: %s\n\n", b); err != nil {
			return
		}
		if err := http.NewResponseController(rw).Flush(); err != nil {
			return
		}
		select {
		case <-changed:
		case <-time.After(5 * time.Second): // so that a page whose helper is gone learns it
		case <-r.Context().Done():
			return
		}
	}
}
