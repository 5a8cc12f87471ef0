package helper

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// A Ticket says which server the helper belongs to, and by which code its
// session is found. Either may be empty: then the person types it.
type Ticket struct {
	Server *url.URL
	Code   string
}

// named is what a helper is called as it was downloaded:
// deskside-helper_HOST_CODE, with "+PORT" behind the host; systems and
// browsers add things like " (1)" or "-2" to copies.
var named = regexp.MustCompile(`(?i)^deskside-helper_([a-z0-9.\-]+(?:\+[0-9]{1,5})?)_([0-9a-z]{6})(?:[^0-9a-z].*)?$`)

// TicketOf reads the ticket from the path of the program. On a Mac the name is
// that of the app around it. The zero Ticket where the name says nothing.
func TicketOf(path string) Ticket {
	for name := path; name != "." && name != "/" && name != ""; {
		base := filepath.Base(name)
		if m := named.FindStringSubmatch(strings.TrimSuffix(strings.TrimSuffix(base, ".exe"), ".app")); m != nil {
			if server, err := ParseServer(strings.Replace(m[1], "+", ":", 1)); err == nil {
				return Ticket{server, strings.ToUpper(m[2])}
			}
		}
		up := filepath.Dir(name)
		if up == name || !strings.Contains(path, ".app/") {
			break
		}
		name = up
	}
	return Ticket{}
}

// ParseServer reads a server's address as people type it, with or without
// https. Plain http is for this very computer only.
func ParseServer(typed string) (*url.URL, error) {
	typed = strings.TrimSuffix(strings.TrimSpace(typed), "/")
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
		if host, _, err := net.SplitHostPort(strings.TrimPrefix(typed, "https://")); err == nil && loopback(host) {
			typed = "http://" + strings.TrimPrefix(typed, "https://")
		}
	}
	u, err := url.Parse(typed)
	switch {
	case err != nil, u.Host == "", u.User != nil, u.Path != "", u.RawQuery != "", u.Fragment != "":
		return nil, fmt.Errorf("%q is no server's address, such as help.example.org", typed)
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return u, nil
	}
	return nil, fmt.Errorf("%q is not safe: a server's address begins with https://", typed)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
