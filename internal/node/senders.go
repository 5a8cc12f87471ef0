package node

import (
	"deskside"
	"deskside/internal/desk"
)

// SMTP is the mail server that sends invitations.
type SMTP struct {
	Host     string // none without
	Port     int
	Security string // "starttls", "tls" or "none"
	User     string
	Password string
	From     string // an address, with a name or without
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
	return senders, nil
}
