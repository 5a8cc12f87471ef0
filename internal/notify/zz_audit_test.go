package notify

import (
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"
)

func TestZZPorts(t *testing.T) {
	startKannel(t)
	out, _ := exec.Command("ss", "-ltnp").CombinedOutput()
	fmt.Println(string(out))
}

func TestZZNames(t *testing.T) {
	for _, name := range []string{`Ada "Countess" Lovelace`, `back\slash`, "Müller, Bob", "a\"b", "Ada <x@y>", `x\`, "日本 \"q\""} {
		s, _ := NewSMTP(SMTPConfig{Host: "127.0.0.1", Port: 25, Security: "none", From: "a@example.org"})
		l := mailing
		l.ReplyName = name
		m, err := s.message(l)
		fmt.Printf("%q: %v %v\n", name, err, m.GetAddrHeaderString("Reply-To"))
	}
}

func TestZZSlow(t *testing.T) {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { time.Sleep(12 * time.Second); talk(slowConn{c}, map[string]string{}) }()
		}
	}()
	start := time.Now()
	_, err := smtpTo(t, SMTPConfig{Port: l.Addr().(*net.TCPAddr).Port, Security: "none"}).Send(t.Context(), mailing)
	fmt.Println(time.Since(start), err)
}

type slowConn struct{ net.Conn }

func (s slowConn) Write(b []byte) (int, error) { time.Sleep(4 * time.Second); return s.Conn.Write(b) }
