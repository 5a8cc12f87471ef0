package notify

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"deskside"
)

// TestKannel sends by a real Kannel; the text is read on its fake phone, and
// its receipt comes back.
func TestKannel(t *testing.T) {
	k := startKannel(t)
	var mu sync.Mutex
	reports := make(map[string]url.Values)
	ours := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		reports[r.URL.Path] = r.URL.Query()
	}))
	defer ours.Close()
	d, err := LoadDefinition("kannel")
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGateway(d, GatewayConfig{URL: k.url, User: "desk", Password: "s3&cret+", From: "Desk"})
	if err != nil {
		t.Fatal(err)
	}
	const german, emoji = "Grüße & 100 %: https://x/j/1?a=b", "Öffnen 😀 łódź"
	for i, text := range []string{german, emoji} {
		l := deskside.Letter{Invitation: "I", To: "+4915123456789", Text: text, Receipts: fmt.Sprintf("%s/receipts/%d", ours.URL, i)}
		if _, err := g.Send(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	for what, line := range map[string]string{
		"the text":       "<Desk +4915123456789 text " + german + ">",
		"the emoji text": "<Desk +4915123456789 ucs-2 " + ucs2(emoji) + ">",
	} {
		eventually(t, what+" is on the phone", func() bool { return strings.Contains(k.phone.String(), line) })
	}
	for _, path := range []string{"/receipts/0", "/receipts/1"} {
		var values url.Values
		eventually(t, "a receipt at "+path, func() bool {
			mu.Lock()
			defer mu.Unlock()
			values = reports[path]
			return values != nil
		})
		if got, err := g.Receipt(values, nil); err != nil || got.State != deskside.InvitationDelivered {
			t.Errorf("%s %v: %+v, %v", path, values, got, err)
		}
	}
	wrong, err := NewGateway(d, GatewayConfig{URL: k.url, User: "desk", Password: "wrong", From: "Desk"})
	if err != nil {
		t.Fatal(err)
	}
	wantState(t, "a wrong password", send(t, wrong, letter), "refused")
}

// ucs2 writes a text as fakesmsc prints it: bytes of UTF-16, percent-encoded,
// but letters and digits.
func ucs2(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		for _, c := range []byte{byte(unit >> 8), byte(unit)} {
			switch {
			case c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
				b.WriteByte(c)
			case c == ' ':
				b.WriteByte('+')
			default:
				fmt.Fprintf(&b, "%%%02X", c)
			}
		}
	}
	return b.String()
}

// newSpool makes the folders of Gammu's spool.
func newSpool(t *testing.T) string {
	t.Helper()
	spool := t.TempDir()
	for _, folder := range []string{"inbox", outbox, sentbox, errorbox, "phone"} {
		if err := os.Mkdir(filepath.Join(spool, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return spool
}

// TestGammu sends by a real Gammu SMSD with its dummy phone.
func TestGammu(t *testing.T) {
	smsd := needs(t, "gammu-smsd")
	spool := newSpool(t)
	config := write(t, filepath.Join(spool, "smsdrc"), fmt.Sprintf(`
[gammu]
device = %[1]s/phone
model = dummy
connection = none

[smsd]
service = files
logfile = stderr
debuglevel = 255
inboxpath = %[1]s/inbox/
outboxpath = %[1]s/outbox/
sentsmspath = %[1]s/sent/
errorsmspath = %[1]s/error/
loopsleep = 1
checksecurity = 0
checkbattery = 0
checksignal = 0
commtimeout = 1
`, spool))
	f, err := NewFiles(spool)
	if err != nil {
		t.Fatal(err)
	}
	const plain, emoji = "Open https://x/j/1", "Grüße 😀: https://x/j/2"
	var names []string
	for i, text := range []string{plain, emoji} {
		l := deskside.Letter{Invitation: deskside.InvitationID(fmt.Sprintf("I%d", i)), To: "+4915123456789", Text: text}
		for range 2 { // the second time changes nothing
			posted, err := f.Send(t.Context(), l)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, posted.Reference)
		}
		if got, err := f.State(t.Context(), names[2*i]); err != nil || got != (deskside.Delivery{}) {
			t.Errorf("in the outbox: %+v, %v", got, err)
		}
	}
	said := start(t, smsd, "-c", config)
	for i, l := range []string{names[0], names[2]} {
		eventually(t, "the phone sent "+l, func() bool {
			got, err := f.State(t.Context(), l)
			return err == nil && got.State == deskside.InvitationSent && got.Final
		})
		if _, err := f.Send(t.Context(), deskside.Letter{Invitation: deskside.InvitationID(fmt.Sprintf("I%d", i)), To: "+4915123456789", Text: "again"}); err != nil {
			t.Error(err)
		}
	}
	time.Sleep(2 * time.Second) // two rounds of the daemon, which has nothing to do
	sent, err := os.ReadDir(filepath.Join(spool, sentbox))
	if err != nil || len(sent) != 2 {
		t.Errorf("sent %v, %v", sent, err)
	}
	for _, text := range []string{plain, emoji} { // its dummy phone keeps nothing; the daemon says what it gave it
		if !strings.Contains(said.String(), fmt.Sprintf("to %q with text %q", "+4915123456789", text)) {
			t.Errorf("%q was not given to the phone", text)
		}
	}
}

func TestFilesThatFail(t *testing.T) {
	spool := newSpool(t)
	f, err := NewFiles(spool)
	if err != nil {
		t.Fatal(err)
	}
	l := deskside.Letter{Invitation: "I1", To: "+4915123456789", Text: "x"}
	posted, err := f.Send(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(posted.Reference, "15123456789") {
		t.Errorf("the number stands in %q", posted.Reference)
	}
	name := fileName(l.To, l.Invitation)
	if err := os.Rename(filepath.Join(spool, outbox, name), filepath.Join(spool, errorbox, name)); err != nil {
		t.Fatal(err)
	}
	if got, err := f.State(t.Context(), posted.Reference); err != nil || got.State != deskside.InvitationRefused {
		t.Errorf("in error: %+v, %v", got, err)
	}
	if _, err := f.Send(t.Context(), l); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(filepath.Join(spool, outbox)); err != nil || len(left) != 0 {
		t.Errorf("what is in error was written again: %v, %v", left, err)
	}
	l.Invitation = "../../I2"
	_, err = f.Send(t.Context(), l)
	wantState(t, "a path for a name", err, "refused")
	if err := os.RemoveAll(filepath.Join(spool, outbox)); err != nil {
		t.Fatal(err)
	}
	l.Invitation = "I3"
	_, err = f.Send(t.Context(), l)
	wantState(t, "no outbox any more", err, "queued")
	if _, err := NewFiles(spool); err == nil {
		t.Error("a spool without an outbox was accepted")
	}
}
