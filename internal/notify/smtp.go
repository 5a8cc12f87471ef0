package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/textproto"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"

	"deskside"
)

// SMTPConfig says how to reach a mail server (RFC 5321, RFC 6409).
type SMTPConfig struct {
	Host     string
	Port     int
	Security string // "starttls" (demanded), "tls" or "none"
	User     string // empty for no sign-in
	Password string
	From     string      // "support@example.org" or "Example <support@example.org>"
	TLS      *tls.Config // for tests
}

// SMTP sends mails. It implements desk.Sender.
type SMTP struct {
	config SMTPConfig
	from   netmail.Address
	client *mail.Client
}

// NewSMTP checks the configuration. It connects to nobody yet.
func NewSMTP(c SMTPConfig) (*SMTP, error) { return newSMTP(c, timeout) }

// newSMTP waits so long for the server to let us in, and then again for it to
// take the mail.
func newSMTP(c SMTPConfig, wait time.Duration) (*SMTP, error) {
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("smtp-from: %q is no email address", c.From)
	}
	if c.User != "" && c.Security == "none" && !loopback(c.Host) {
		return nil, errors.New("smtp-security: a password is not sent without TLS")
	}
	options := []mail.Option{mail.WithPort(c.Port), mail.WithTimeout(wait), mail.WithHELO(domainOf(from.Address))}
	switch c.Security {
	case "starttls":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case "tls":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, fmt.Errorf("the protection %q is not starttls, tls or none", c.Security)
	}
	if c.TLS != nil {
		options = append(options, mail.WithTLSConfig(c.TLS))
	}
	if c.User != "" {
		auth := mail.SMTPAuthAutoDiscover
		if c.Security == "none" {
			auth = mail.SMTPAuthPlainNoEnc // to this machine
		}
		options = append(options, mail.WithSMTPAuth(auth), mail.WithUsername(c.User), mail.WithPassword(c.Password))
	}
	client, err := mail.NewClient(c.Host, options...)
	if err != nil {
		return nil, err
	}
	return &SMTP{config: c, from: *from, client: client}, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// Send implements desk.Sender.
func (s *SMTP) Send(ctx context.Context, l deskside.Letter) (deskside.Posted, error) {
	m, err := s.message(l)
	if err != nil {
		return deskside.Posted{}, refused(hideSecrets(err.Error(), l.To))
	}
	err = s.client.DialAndSendWithContext(ctx, m)
	if err == nil || m.IsDelivered() { // what fails after the server's yes is no failure
		return deskside.Posted{Reference: m.GetMessageID()}, nil
	}
	return deskside.Posted{}, s.meaning(err, l)
}

// message writes a letter as a mail (RFC 5322) that no machine answers
// (RFC 3834), with the same Message-ID at each try.
func (s *SMTP) message(l deskside.Letter) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	m.SetAddrHeaderFromMailAddress(mail.HeaderFrom, &s.from)
	m.SetAddrHeaderFromMailAddress(mail.HeaderReplyTo, replyTo(l))
	err := m.To(l.To)
	m.Subject(oneLine(l.Subject))
	m.SetDate()
	m.SetMessageIDWithValue(strings.ToLower(string(l.Invitation)) + "@" + domainOf(s.from.Address))
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if l.Language != "" {
		m.SetGenHeader("Content-Language", l.Language)
	}
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	}
	return m, err
}

// replyTo returns the agent's address, nil where they have none that mail
// servers know. go-mail's own ReplyToFormat fails at a name with a quote.
func replyTo(l deskside.Letter) *netmail.Address {
	agent, err := netmail.ParseAddress(l.ReplyTo)
	if err != nil {
		return nil
	}
	return &netmail.Address{Name: oneLine(l.ReplyName), Address: agent.Address}
}

// oneLine keeps what people wrote from becoming a header.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// meaning sorts an error. A reply of the server is certain: 5yz is a no for
// good, 4yz for now (RFC 5321, 4.2.1). Without one, only what failed before
// the message's end was sent is certain.
func (s *SMTP) meaning(err error, l deskside.Letter) *deskside.SendError {
	var reply *textproto.Error
	var failed *mail.SendError
	if errors.As(err, &failed) {
		code := failed.ErrorCode()
		detail, _, _ := strings.Cut(hideSecrets(failed.Error(), l.To, s.config.Password, s.config.User), ", affected")
		switch {
		case code >= 500:
			return refused(detail)
		case code >= 400:
			return busy(detail, 0)
		case failed.Reason == mail.ErrSMTPDataClose || failed.Reason == mail.ErrAmbiguous:
			return uncertain("")
		}
		return unreachable()
	}
	if errors.As(err, &reply) && reply.Code >= 500 {
		return refused(hideSecrets(reply.Error(), s.config.Password, s.config.User))
	}
	if refusesTLS(err) {
		return refused("No connection that is protected as the settings demand.")
	}
	if errors.Is(err, mail.ErrNoSupportedAuthDiscovered) || strings.Contains(err.Error(), "does not support SMTP AUTH") {
		return refused("The server lets nobody sign in as the settings demand.")
	}
	return unreachable() // dialling, greeting and signing in come before any mail
}

// refusesTLS says whether trying again would lead to the same.
func refusesTLS(err error) bool {
	var certificate *tls.CertificateVerificationError
	var unreachable *net.OpError
	return errors.As(err, &certificate) || strings.Contains(err.Error(), "STARTTLS") && !errors.As(err, &unreachable)
}

// State implements desk.Sender. A mail server takes a mail and says no more.
func (s *SMTP) State(context.Context, string) (deskside.Delivery, error) {
	return deskside.Delivery{}, nil
}

// Receipt implements desk.Sender. There are none.
func (s *SMTP) Receipt(url.Values, []byte) (deskside.Delivery, error) {
	return deskside.Delivery{}, errors.New("mails have no receipts")
}

// Idempotent implements desk.Sender. Servers deliver what comes twice twice.
func (s *SMTP) Idempotent() bool { return false }
