package node_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deskside/internal/node"
	"deskside/internal/servertest"
)

// certificate writes a certificate for 127.0.0.1 and its key.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pool = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", secret), pool
}

// TestTLS signs in over https: the cookie is bound to this host and to https.
func TestTLS(t *testing.T) {
	cert, key, pool := certificate(t)
	s := servertest.Start(t, func(c *node.Config) { c.TLSCert, c.TLSKey = cert, key })
	if _, err := s.Node.Access().AddAgent(t.Context(), "Ada", "ada@example.org", servertest.Password, ""); err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{
		Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.PostForm(s.URL+"/sign-in", url.Values{"email": {"ada@example.org"}, "password": {servertest.Password}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	cookie := resp.Header.Get("Set-Cookie")
	for _, want := range []string{"__Host-deskside=", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %q", cookie, want)
		}
	}
	if resp.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security")
	}
	resp, err = client.Get(s.URL + "/api/me")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("signed in: status %d", resp.StatusCode)
	}
}

// TestGracefulStop stops a server with somebody connected: they are told when
// to come back, and what was said is there at the next start.
func TestGracefulStop(t *testing.T) {
	data := t.TempDir()
	ready := make(chan string, 1)
	start := func() (*node.Node, context.CancelFunc, chan error) {
		n, err := node.Open(t.Context(), node.Config{Listen: "127.0.0.1:0", Data: data, Ready: func(u string) { ready <- u }})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- n.Serve(ctx) }()
		return n, stop, done
	}
	n, stop, done := start()
	s := &servertest.Server{URL: <-ready, Node: n}
	agent := s.Agent(t, "Ada")
	id, card := agent.StartSession(t)
	guest := s.Browser(t)
	guest.Join(t, card)
	guest.Say(t, id, "do not lose this")
	socket, _ := guest.Live(t, id, 0)
	var streams [2]io.ReadCloser
	for i := range streams {
		resp, err := guest.HTTP.Do(guest.Request(t, http.MethodGet, "/api/sessions/"+string(id)+"/stream?after=0", "", nil))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		streams[i] = resp.Body
	}
	stop()
	if code := socket.CloseCode(t); code != 1012 {
		t.Errorf("close code %d, want 1012", code)
	}
	atOnce := 0
	for _, stream := range streams {
		frames, err := io.ReadAll(stream)
		if err != nil || !bytes.Contains(frames, []byte(`{"type":"close","code":1012,`)) {
			t.Errorf("the stream ends with %v after %s", err, frames)
		}
		if bytes.Contains(frames, []byte(`"reason":"0"}`)) { // by chance, one of 3001
			atOnce++
		}
	}
	if atOnce == len(streams) {
		t.Error("all come back at once")
	}
	if err := <-done; err != nil {
		t.Errorf("stop: %v", err)
	}
	_, stop, done = start()
	again := &servertest.Server{URL: <-ready}
	agent = again.Browser(t)
	agent.SignIn(t, "ada@example.org", servertest.Password)
	events := agent.Events(t, id)
	if last := events[len(events)-1]; last.Body.Type() != "message" {
		t.Errorf("the last event is %q", last.Body.Type())
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("second stop: %v", err)
	}
	// A server that has stopped is none that still runs.
	old := "sqlite://" + filepath.Join(data, "deskside.db")
	if err := node.MigrateStore(t.Context(), old, "sqlite://"+filepath.Join(t.TempDir(), "new.db"), slog.New(slog.DiscardHandler), io.Discard); err != nil {
		t.Errorf("move it elsewhere: %v", err)
	}
}

// TestSecretIsKept: the keys of one start are good at the next, and the secret
// is nobody else's to read.
func TestSecretIsKept(t *testing.T) {
	data := t.TempDir()
	var first []byte
	for range 2 {
		n, err := node.Open(t.Context(), node.Config{Data: data})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		secret, err := os.ReadFile(filepath.Join(data, "secret"))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = secret
		}
		if string(secret) != string(first) || len(secret) != 32 {
			t.Errorf("the secret has %d bytes and changed: %t", len(secret), string(secret) != string(first))
		}
	}
	info, err := os.Stat(filepath.Join(data, "secret"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret's file has mode %v: %v", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(data, "secret"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := node.Open(t.Context(), node.Config{Data: data}); err == nil {
		n.Close()
		t.Error("opened with a secret that is too short")
	}
}
