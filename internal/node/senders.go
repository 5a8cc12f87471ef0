package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"deskside"
	"deskside/internal/desk"
	"deskside/internal/notify"
)

// SMTP is the mail server that sends invitations.
type SMTP struct {
	Host     string // none without
	Port     int
	Security string // "starttls", "tls" or "none"
	User     string
	Password string
	From     string      // an address, with a name or without
	TLS      *tls.Config // for tests
}

// SMS is the gateway that sends text messages.
type SMS struct {
	Gateway  string // the name of a preset, "gammu", or a definition's file; none without
	URL      string // where it has none of its own; with gammu the folder of its spool
	User     string
	Password string
	From     string
}

// senders opens what sends invitations.
func (c *Config) senders() (map[deskside.Means]desk.Sender, error) {
	senders := make(map[deskside.Means]desk.Sender)
	if c.SMTP.Host != "" {
		s, err := notify.NewSMTP(notify.SMTPConfig(c.SMTP))
		if err != nil {
			return nil, fmt.Errorf("the mail server: %w", err)
		}
		senders[deskside.ByEmail] = s
	}
	if c.SMS.Gateway != "" {
		s, err := c.SMS.open(nil)
		if err != nil {
			return nil, fmt.Errorf("the SMS gateway: %w", err)
		}
		senders[deskside.BySMS] = s
	}
	return senders, nil
}

// gammu is the gateway that is no HTTP interface.
const gammu = "gammu"

// open opens the gateway; trace gets its exchanges, and may be nil.
func (s SMS) open(trace io.Writer) (desk.Sender, error) {
	if s.Gateway == gammu {
		return notify.NewFiles(s.URL)
	}
	d, err := notify.LoadDefinition(s.Gateway)
	if err != nil {
		return nil, err
	}
	return notify.NewGateway(d, notify.GatewayConfig{URL: s.URL, User: s.User, Password: s.Password, From: s.From, Trace: trace})
}

// Gateways returns the names of the SMS gateways that are known.
func Gateways() []string { return append([]string{gammu}, notify.Presets()...) }

// TestSMS sends one text message and prints the exchange with the gateway,
// without its secrets.
func (c Config) TestSMS(ctx context.Context, number, text string, out io.Writer) error {
	c.setDefaults()
	if c.SMS.Gateway == "" {
		return errors.New("sms-gateway is not set; there are " + strings.Join(Gateways(), ", ") + ", or the file of a definition")
	}
	sender, err := c.SMS.open(out)
	if err != nil {
		return err
	}
	parsed, err := phonenumbers.Parse(number, c.Country)
	if err != nil || !phonenumbers.IsPossibleNumber(parsed) {
		return fmt.Errorf("%q can't be a phone number", number)
	}
	letter := deskside.Letter{
		Invitation: deskside.InvitationID(deskside.NewID()), Text: text,
		To: phonenumbers.Format(parsed, phonenumbers.E164),
	}
	posted, err := sender.Send(ctx, letter)
	if err != nil {
		return fmt.Errorf("not sent: %w", err)
	}
	fmt.Fprintf(out, "The gateway took the message to %s. %s\n", letter.To, posted.Reference)
	return nil
}
