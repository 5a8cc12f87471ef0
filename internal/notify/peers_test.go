package notify

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"deskside/internal/nettest"
)

// patience bounds how long a peer may take to come up or to do something.
const patience = 30 * time.Second

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

// needs skips a test whose peer is not installed, but never in CI.
func needs(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") != "true" {
		t.Skipf("%s is not installed; `make test` installs it", program)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// A log is what a process says, while it says it.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start runs a program until the test ends, and returns what it says.
func start(t *testing.T, program string, args ...string) *log {
	t.Helper()
	said := new(log)
	p := exec.Command(program, args...)
	p.Stdout, p.Stderr = said, said
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-p.Process.Pid, syscall.SIGKILL) // it may have ended by itself
		_ = p.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%.4000s", filepath.Base(program), said)
		}
	})
	return said
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// listens says whether somebody does on the port.
func listens(port int) bool {
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// certificate makes one for 127.0.0.1 and returns its files, and who trusts it.
func certificate(t *testing.T) (cert, key string, trust *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	trust = x509.NewCertPool()
	trust.AppendCertsFromPEM(certPEM)
	folder := t.TempDir()
	cert = write(t, filepath.Join(folder, "cert.pem"), string(certPEM))
	key = write(t, filepath.Join(folder, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})))
	return cert, key, trust
}

// A mailpit is a real mail server that keeps what it gets.
type mailpit struct {
	port int // of SMTP
	api  string
}

func startMailpit(t *testing.T, options ...string) mailpit {
	t.Helper()
	binary, err := exec.Command("../../scripts/mailpit.sh").Output()
	if err != nil && os.Getenv("CI") != "true" {
		t.Skipf("Mailpit can't be built here: %v", err)
	}
	if err != nil {
		t.Fatalf("build Mailpit: %v", err)
	}
	m := mailpit{port: nettest.FreePort(t)}
	api := nettest.FreePort(t)
	m.api = fmt.Sprintf("http://127.0.0.1:%d/api/v1/", api)
	start(t, strings.TrimSpace(string(binary)), append([]string{"--disable-version-check", "--smtp", fmt.Sprintf("127.0.0.1:%d", m.port),
		"--listen", fmt.Sprintf("127.0.0.1:%d", api), "--database", filepath.Join(t.TempDir(), "mail.db")}, options...)...)
	eventually(t, "Mailpit listens", func() bool { return listens(m.port) && listens(api) })
	return m
}

func (m mailpit) get(t *testing.T, path string) []byte {
	t.Helper()
	resp, err := http.Get(m.api + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v", path, resp.StatusCode, err)
	}
	return body
}

// A mailed is a mail as Mailpit shows it.
type mailed struct {
	ID, MessageID, Subject, Text, HTML string
	From                               struct{ Name, Address string }
	To, ReplyTo                        []struct{ Name, Address string }
}

func (m mailpit) mails(t *testing.T) (all []mailed) {
	t.Helper()
	var list struct{ Messages []struct{ ID string } }
	if err := json.Unmarshal(m.get(t, "messages"), &list); err != nil {
		t.Fatal(err)
	}
	for _, one := range list.Messages {
		var mail mailed
		if err := json.Unmarshal(m.get(t, "message/"+one.ID), &mail); err != nil {
			t.Fatal(err)
		}
		all = append(all, mail)
	}
	return all
}

// A kannel is a real Kannel with a fake SMS centre.
type kannel struct {
	url   string
	phone *log // what the fake phone got
}

func startKannel(t *testing.T) kannel {
	t.Helper()
	bearerbox, smsbox := needs(t, "bearerbox"), needs(t, "smsbox")
	fakesmsc := needs(t, "/usr/lib/kannel/test/fakesmsc")
	admin, boxes, centre, http := nettest.FreePort(t), nettest.FreePort(t), nettest.FreePort(t), nettest.FreePort(t)
	config := write(t, filepath.Join(t.TempDir(), "kannel.conf"), fmt.Sprintf(`
group = core
admin-port = %d
admin-interface = 127.0.0.1
admin-password = admin
smsbox-port = %d
smsbox-interface = 127.0.0.1
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = FAKE
port = %d
our-host = 127.0.0.1
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = %d
sendsms-interface = 127.0.0.1

group = sendsms-user
username = desk
password = "%s"
max-messages = 10
concatenation = true
`, admin, boxes, centre, http, "s3&cret+"))
	start(t, bearerbox, config)
	eventually(t, "bearerbox listens", func() bool { return listens(boxes) && listens(centre) })
	start(t, smsbox, config)
	eventually(t, "smsbox listens", func() bool { return listens(http) })
	phone := start(t, fakesmsc, "-H", "127.0.0.1", "-r", fmt.Sprint(centre), "-m", "1", "-i", "100000", "1 2 text hello")
	eventually(t, "the fake phone is connected", func() bool { return strings.Contains(phone.String(), "sent message 1") })
	return kannel{url: fmt.Sprintf("http://127.0.0.1:%d", http), phone: phone}
}

func trusting(pool *x509.CertPool) *tls.Config {
	return &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
}
