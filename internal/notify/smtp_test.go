package notify

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	netmail "net/mail"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
	"deskside/internal/nettest"
)

// mailing is a letter with what tempts a mail library to mistakes.
var mailing = deskside.Letter{
	Invitation: "INV1", To: "grace@example.org", Subject: "Hilfe von Müller & Söhne 😀\r\nBcc: eve@example.org",
	Text: "Hallo,\n\n.\nAda wartet: https://desk.example.org/j/X\n", HTML: "<p>Ada wartet: <a href=\"https://desk.example.org/j/X\">Chat öffnen</a></p>",
	ReplyTo: "ada@example.org", ReplyName: "Ada \"Countess\" Lovelace\r\nX-Evil: 1", Language: "de",
}

func smtpTo(t *testing.T, c SMTPConfig) *SMTP {
	t.Helper()
	c.Host, c.From = "127.0.0.1", "Müller <support@example.org>"
	s, err := NewSMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestMail sends by a real mail server that demands STARTTLS and a password.
func TestMail(t *testing.T) {
	cert, key, trust := certificate(t)
	users := write(t, filepath.Join(t.TempDir(), "users"), "desk:geheim\n")
	m := startMailpit(t, "--smtp-auth-file", users, "--smtp-tls-cert", cert, "--smtp-tls-key", key, "--smtp-require-starttls")
	s := smtpTo(t, SMTPConfig{Port: m.port, Security: "starttls", User: "desk", Password: "geheim", TLS: trusting(trust)})
	posted, err := s.Send(t.Context(), mailing)
	if err != nil {
		t.Fatal(err)
	}
	mails := m.mails(t)
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	got := mails[0]
	want := map[string]string{
		"from": "Müller <support@example.org>", "to": "grace@example.org", "reply": "ada@example.org",
		"subject": "Hilfe von Müller & Söhne 😀  Bcc: eve@example.org", "text": mailing.Text, "html": mailing.HTML, "id": "inv1@example.org",
	}
	for name, value := range map[string]string{
		"from": fmt.Sprintf("%s <%s>", got.From.Name, got.From.Address), "to": got.To[0].Address, "reply": got.ReplyTo[0].Address,
		"subject": got.Subject, "text": strings.ReplaceAll(got.Text, "\r\n", "\n"), "html": strings.TrimSpace(got.HTML), "id": got.MessageID,
	} {
		if strings.TrimSpace(value) != strings.TrimSpace(want[name]) {
			t.Errorf("%s: %q, want %q", name, value, want[name])
		}
	}
	if !strings.Contains(posted.Reference, "inv1@example.org") || len(got.To) != 1 {
		t.Errorf("reference %q, to %v", posted.Reference, got.To)
	}
	raw := string(m.get(t, "message/"+got.ID+"/raw"))
	for _, header := range []string{"Auto-Submitted: auto-generated", "Content-Type: multipart/alternative", "Content-Language: de"} {
		if !strings.Contains(raw, header) {
			t.Errorf("no %q in\n%s", header, raw)
		}
	}
	for _, header := range []string{"\nBcc:", "\nX-Evil:", "\nX-Mailer:", "\nUser-Agent:"} {
		if strings.Contains(raw, header) {
			t.Errorf("%q in\n%s", header, raw)
		}
	}
}

func TestMailIsRefused(t *testing.T) {
	cert, key, trust := certificate(t)
	users := write(t, filepath.Join(t.TempDir(), "users"), "desk:geheim\n")
	m := startMailpit(t, "--smtp-auth-file", users, "--smtp-tls-cert", cert, "--smtp-tls-key", key, "--smtp-require-starttls")
	plain := startMailpit(t)
	for _, test := range []struct {
		name string
		c    SMTPConfig
	}{
		{"a wrong password", SMTPConfig{Port: m.port, Security: "starttls", User: "desk", Password: "falsch-password", TLS: trusting(trust)}},
		{"a certificate that nobody trusts", SMTPConfig{Port: m.port, Security: "starttls", User: "desk", Password: "geheim"}},
		{"a server without STARTTLS", SMTPConfig{Port: plain.port, Security: "starttls"}},
		{"a server that demands STARTTLS", SMTPConfig{Port: m.port, Security: "none"}},
	} {
		_, err := smtpTo(t, test.c).Send(t.Context(), mailing)
		e := wantState(t, test.name, err, "refused")
		if strings.Contains(e.Detail, "falsch-password") || strings.Contains(e.Detail, mailing.To) {
			t.Errorf("%s: %q", test.name, e.Detail)
		}
		t.Logf("%s: %s", test.name, e.Detail)
	}
	if n := len(m.mails(t)) + len(plain.mails(t)); n != 0 {
		t.Errorf("%d mails were sent all the same", n)
	}
}

// TestWhatMailFailuresMean answers each command of SMTP as a test says; "cut"
// ends the connection instead, and "silence" waits for the other to do so.
func TestWhatMailFailuresMean(t *testing.T) {
	for _, test := range []struct {
		name    string
		replies map[string]string
		want    deskside.InvitationState
	}{
		{"all is well", nil, "sent"},
		{"no such mailbox", map[string]string{"RCPT": "550 5.1.1 no such user"}, "refused"},
		{"greylisted", map[string]string{"RCPT": "451 4.7.1 try again later"}, "queued"},
		{"sender refused", map[string]string{"MAIL": "553 not yours"}, "refused"},
		{"not today", map[string]string{"EHLO": "421 closing", "HELO": "421 closing"}, "queued"},
		{"spam", map[string]string{".": "554 5.7.1 looks like spam"}, "refused"},
		{"disk full", map[string]string{".": "452 4.3.1 no space"}, "queued"},
		{"gone before the mail", map[string]string{"DATA": "cut"}, "queued"},
		{"gone after the mail", map[string]string{".": "cut"}, "uncertain"},
		{"gone after its yes", map[string]string{"RSET": "cut", "QUIT": "cut"}, "sent"},
		{"silent from the beginning", map[string]string{"greeting": "silence"}, "queued"},
		{"silent before the mail", map[string]string{"RCPT": "silence"}, "queued"},
		{"silent after the mail", map[string]string{".": "silence"}, "uncertain"},
	} {
		t.Run(test.name, func(t *testing.T) {
			port := startTalker(t, test.replies)
			s, err := newSMTP(SMTPConfig{Host: "127.0.0.1", Port: port, Security: "none", From: "support@example.org"}, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Send(t.Context(), mailing)
			if test.want == "sent" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantState(t, test.name, err, test.want)
		})
	}
	wantState(t, "nobody listens", func() error {
		_, err := smtpTo(t, SMTPConfig{Port: nettest.FreePort(t), Security: "none"}).Send(t.Context(), mailing)
		return err
	}(), "queued")
}

// startTalker speaks SMTP to one client after the other.
func startTalker(t *testing.T, replies map[string]string) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			talk(conn, replies)
			conn.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func talk(conn net.Conn, replies map[string]string) {
	usual := map[string]string{"EHLO": "250-test\r\n250 8BITMIME", "DATA": "354 go on", "QUIT": "221 bye"}
	if replies["greeting"] != "silence" {
		fmt.Fprint(conn, "220 test ESMTP\r\n")
	}
	in := bufio.NewScanner(conn)
	content := false
	for in.Scan() {
		line := in.Text()
		command := strings.ToUpper(strings.SplitN(line, " ", 2)[0])
		if content && line != "." {
			continue
		}
		reply := replies[command]
		switch {
		case reply == "cut":
			return
		case reply == "silence":
			continue
		case reply == "" && usual[command] != "":
			reply = usual[command]
		case reply == "":
			reply = "250 ok"
		}
		content = command == "DATA" && strings.HasPrefix(reply, "354")
		fmt.Fprintf(conn, "%s\r\n", reply)
		if command == "QUIT" {
			return
		}
	}
}

// TestMailWithoutSignIn: a password for a server that takes none is a mistake
// that no later try mends.
func TestMailWithoutSignIn(t *testing.T) {
	port := startTalker(t, nil)
	_, err := smtpTo(t, SMTPConfig{Port: port, Security: "none", User: "desk", Password: "geheim"}).Send(t.Context(), mailing)
	wantState(t, "no AUTH there", err, "refused")
}

// TestReplyTo: whatever an agent's name has in it, the mail goes out, and the
// answer comes to them and nobody else.
func TestReplyTo(t *testing.T) {
	s := smtpTo(t, SMTPConfig{Port: 25, Security: "none"})
	for _, name := range []string{"Ada", `12" Ada`, `Ada \`, "Müller, Bob", "Ada <eve@example.org>", "日本 \"", "x\r\nBcc: eve@example.org"} {
		l := mailing
		l.ReplyName = name
		m, err := s.message(l)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		var raw bytes.Buffer
		if _, err := m.WriteTo(&raw); err != nil {
			t.Fatal(err)
		}
		read, err := netmail.ReadMessage(&raw)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read.Header.AddressList("Reply-To")
		want := []*netmail.Address{{Name: oneLine(name), Address: mailing.ReplyTo}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" || read.Header.Get("Bcc") != "" {
			t.Errorf("%q: %v %s", name, err, diff)
		}
	}
	l := mailing
	l.ReplyTo = "ada"
	if m, err := s.message(l); err != nil || len(m.GetReplyTo()) != 0 {
		t.Errorf("an address that is none: %v", err)
	}
}

func TestBadSMTPSettings(t *testing.T) {
	for _, c := range []SMTPConfig{
		{Host: "mail.example.org", Port: 25, Security: "none", From: "nobody"},
		{Host: "mail.example.org", Port: 25, Security: "none", From: "a@example.org", User: "u", Password: "p"},
		{Host: "mail.example.org", Port: 25, Security: "ssl", From: "a@example.org"},
		{Host: "", Port: 25, Security: "none", From: "a@example.org"},
	} {
		if _, err := NewSMTP(c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
	if s := Presets(); !slices.IsSorted(s) {
		t.Errorf("presets %v", s)
	}
}
