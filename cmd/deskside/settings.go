package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"deskside"
)

// settings is everything that an operator can set, as values.
type settings struct {
	listen         string
	baseURL        *url.URL // nil where it follows from a port that is not known yet
	data           string
	secretFile     string
	organisation   string
	contact        string
	language       string
	country        string
	keyLife        time.Duration
	idleEnd        time.Duration
	keepMessages   time.Duration
	tlsCert        string
	tlsKey         string
	trustedProxies []netip.Prefix
	insecureHTTP   bool
	logLevel       slog.Level
	logFormat      string
}

// A setting is one line of what an operator can set. Its name is a flag
// (--base-url), an environment variable (DESKSIDE_BASE_URL) and a key of the
// settings file (base-url = …).
type setting struct {
	name     string
	usage    string
	fallback string                                // the default
	follows  func(text map[string]string) fallback // the default, where it follows from other settings
	toggle   bool                                  // on or off; the flag needs no value
	set      func(s *settings, text string) error
}

// A fallback is a default that follows from another setting.
type fallback struct{ text, from string }

func (s setting) variable() string {
	return "DESKSIDE_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// catalogue is every setting, in the order in which they are shown and read.
var catalogue = []setting{
	{name: "listen", fallback: "127.0.0.1:8080", usage: "`address` and port to serve on",
		set: func(s *settings, t string) error { s.listen = t; return checkAddress(t) }},
	{name: "base-url", follows: localURL, usage: "`URL` under which browsers reach the server; every link is built from it",
		set: func(s *settings, t string) (err error) { s.baseURL, err = parseBaseURL(t); return err }},
	{name: "data", fallback: "./data", usage: "`directory` of the database",
		set: func(s *settings, t string) error { s.data = t; return nil }},
	{name: "secret-file", follows: secretInData, usage: "`file` of the server's secret, made at the first start; the same on all nodes",
		set: func(s *settings, t string) error { s.secretFile = t; return nil }},
	{name: "organisation", fallback: "Deskside", usage: "`name` of who gives help; end-users read it",
		set: func(s *settings, t string) error { s.organisation = t; return nil }},
	{name: "contact", usage: "how to reach you otherwise: a `text` for pages of dead keys and links",
		set: func(s *settings, t string) error { s.contact = t; return nil }},
	{name: "default-language", fallback: "en", usage: "`language` of pages for browsers that ask for none that there is: en or de",
		set: func(s *settings, t string) error { s.language = t; return oneOf(t, "en", "de") }},
	{name: "default-country", fallback: "DE", usage: "`country` of phone numbers without a country code, like DE",
		set: func(s *settings, t string) error { s.country = strings.ToUpper(t); return checkCountry(s.country) }},
	{name: "key-life", fallback: "60m", usage: "`time` in which a Support Key can start its session, 10m to 24h",
		set: func(s *settings, t string) (err error) {
			s.keyLife, err = parseSpan(t, deskside.MinKeyLife, deskside.MaxKeyLife)
			return err
		}},
	{name: "idle-end", fallback: "24h", usage: "`time` after which a session ends to which nobody is connected, 10m to 365d",
		set: func(s *settings, t string) (err error) {
			s.idleEnd, err = parseSpan(t, 10*time.Minute, 365*day)
			return err
		}},
	{name: "keep-messages", fallback: "90d", usage: "`time` for which ended sessions are kept, 1d to 3650d",
		set: func(s *settings, t string) (err error) {
			s.keepMessages, err = parseSpan(t, day, 3650*day)
			return err
		}},
	{name: "tls-cert", usage: "`file` with the certificate chain, PEM",
		set: func(s *settings, t string) error { s.tlsCert = t; return nil }},
	{name: "tls-key", usage: "`file` with the certificate's private key, PEM",
		set: func(s *settings, t string) error { s.tlsKey = t; return nil }},
	{name: "trusted-proxies", usage: "`networks` of reverse proxies, like 10.0.0.0/8, 192.0.2.7; only they may forward a client's address",
		set: func(s *settings, t string) (err error) { s.trustedProxies, err = parseNetworks(t); return err }},
	{name: "insecure-http", toggle: true, fallback: "false", usage: "allow an http base URL that is not this machine's own",
		set: func(s *settings, t string) (err error) { s.insecureHTTP, err = parseToggle(t); return err }},
	{name: "log-level", fallback: "info", usage: "least `level` that is logged: debug, info, warn or error",
		set: func(s *settings, t string) error {
			if err := oneOf(t, "debug", "info", "warn", "error"); err != nil {
				return err
			}
			return s.logLevel.UnmarshalText([]byte(t))
		}},
	{name: "log-format", fallback: "text", usage: "`form` of log lines: text or json",
		set: func(s *settings, t string) error { s.logFormat = t; return oneOf(t, "text", "json") }},
}

// day is what "90d" counts; time.ParseDuration knows no days.
const day = 24 * time.Hour

// localURL is the base URL of a server that only its own machine opens. It is
// unknown before the server listens on a port that the system chooses.
func localURL(text map[string]string) fallback {
	host, port, err := net.SplitHostPort(text["listen"])
	if err != nil || port == "0" {
		return fallback{"", "listen"}
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	scheme, usual := "http", "80"
	if text["tls-cert"] != "" {
		scheme, usual = "https", "443"
	}
	if port != usual {
		return fallback{scheme + "://" + net.JoinHostPort(host, port), "listen"}
	}
	return fallback{scheme + "://" + bracketed(host), "listen"}
}

// bracketed returns a host as URLs write it.
func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

func secretInData(text map[string]string) fallback {
	return fallback{filepath.Join(text["data"], "secret"), "data"}
}

func checkAddress(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return fmt.Errorf("%q is no address with a port, like 127.0.0.1:8080 or :443", text)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n > 65535 {
		return fmt.Errorf("%q is no port; ports are 0 to 65535", port)
	}
	return nil
}

func parseBaseURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil // follows from the port that the system chooses
	}
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, fmt.Errorf("%q is no web address, like https://support.example.org", text)
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return nil, fmt.Errorf("%q has more than scheme, host and port; the server needs a host of its own", text)
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, nil
}

// parseSpan reads a time like 90m, 24h or 90d that lies within the bounds.
func parseSpan(text string, least, most time.Duration) (time.Duration, error) {
	span, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		span = time.Duration(n) * day
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is no time, like 90m, 24h or 30d", text)
	case span < least || span > most:
		return 0, fmt.Errorf("%s is out of bounds; it is at least %s and at most %s", text, spanText(least), spanText(most))
	}
	return span, nil
}

// spanText writes a time as people set it.
func spanText(d time.Duration) string {
	switch {
	case d >= 2*day && d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dm", d/time.Minute)
}

func parseNetworks(text string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, field := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		if a, err := netip.ParseAddr(field); err == nil {
			networks = append(networks, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(field)
		if err != nil {
			return nil, fmt.Errorf("%q is no network, like 10.0.0.0/8 or 192.0.2.7", field)
		}
		networks = append(networks, p.Masked())
	}
	return networks, nil
}

func parseToggle(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "1":
		return true, nil
	case "false", "no", "off", "0":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", text)
}

func oneOf(text string, allowed ...string) error {
	for _, a := range allowed {
		if text == a {
			return nil
		}
	}
	return fmt.Errorf("%q is not one of %s", text, strings.Join(allowed, ", "))
}

func checkCountry(code string) error {
	if phonenumbers.GetCountryCodeForRegion(code) == 0 {
		return fmt.Errorf("%q is no country code of two letters, like DE or US", code)
	}
	return nil
}
