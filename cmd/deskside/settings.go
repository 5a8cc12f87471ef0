package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"deskside"
	"deskside/internal/node"
)

// settings is everything that an operator can set, as values.
type settings struct {
	listen         string
	baseURL        *url.URL // nil where it follows from a port that is not known yet
	data           string
	secretFile     string
	organisation   string
	contact        string
	logo           string
	colour         string
	language       string
	country        string
	smtp           node.SMTP
	sms            node.SMS
	smsCountries   []string
	perDay         int
	keepAddresses  time.Duration
	keyLife        time.Duration
	idleEnd        time.Duration
	keepMessages   time.Duration
	keepFiles      time.Duration
	database       string
	replica        string
	bus            string
	files          node.Files
	relay          node.Relay
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
	secret   bool                                  // is not shown
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
	{name: "data", fallback: "./data", usage: "`directory` of the database and of files, where they are not elsewhere",
		set: func(s *settings, t string) error { s.data = t; return nil }},
	{name: "database", secret: true, usage: "`URL` of a PostgreSQL database, postgres://…, which any number of nodes share; without one a file in the data directory",
		set: func(s *settings, t string) error { s.database = t; return urlWith(t, "postgres", "postgresql") }},
	{name: "database-replica", secret: true, usage: "`URL` of a server that follows it, for what is read of History",
		set: func(s *settings, t string) error { s.replica = t; return urlWith(t, "postgres", "postgresql") }},
	{name: "bus", secret: true, usage: "`URL` of a NATS server, nats://…, by which the nodes tell each other; without one they do by the database",
		set: func(s *settings, t string) error { s.bus = t; return urlWith(t, "nats", "tls") }},
	{name: "secret-file", follows: secretInData, usage: "`file` of the server's secret, made at the first start; the same on all nodes",
		set: func(s *settings, t string) error { s.secretFile = t; return nil }},
	{name: "organisation", fallback: "Deskside", usage: "`name` of who gives help; end-users read it",
		set: func(s *settings, t string) error { s.organisation = t; return nil }},
	{name: "contact", usage: "how to reach you otherwise: a `text` for pages of dead keys and links",
		set: func(s *settings, t string) error { s.contact = t; return nil }},
	{name: "logo", usage: "`file` of your picture, PNG or JPEG, for the pages of end-users",
		set: func(s *settings, t string) error { s.logo = t; return nil }},
	{name: "colour", usage: "`colour` of buttons and links, like #0a6670",
		set: func(s *settings, t string) error { s.colour = t; return checkColour(t) }},
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
	{name: "keep-files", fallback: "7d", usage: "`time` for which files are kept after their session has ended, 1h to 3650d",
		set: func(s *settings, t string) (err error) {
			s.keepFiles, err = parseSpan(t, time.Hour, 3650*day)
			return err
		}},
	{name: "files-from", fallback: "both", usage: "`sides` that may send files: both, agents, end-users or nobody",
		set: func(s *settings, t string) error {
			r := &s.files.Rules
			r.NoAgents, r.NoEndUsers = t == "end-users" || t == "nobody", t == "agents" || t == "nobody"
			return oneOf(t, "both", "agents", "end-users", "nobody")
		}},
	{name: "file-size", fallback: "2GiB", usage: "most `bytes` of one file, like 500MB or 2GiB",
		set: func(s *settings, t string) (err error) { s.files.Rules.MostEach, err = parseSize(t); return err }},
	{name: "session-file-size", fallback: "10GiB", usage: "most `bytes` of all files of one session",
		set: func(s *settings, t string) (err error) { s.files.Rules.MostSession, err = parseSize(t); return err }},
	{name: "file-types", usage: "only `types` of files that may be sent, by ending or media type, like .pdf, image/*; empty for all",
		set: func(s *settings, t string) (err error) { s.files.Rules.Allow, err = parseTypes(t); return err }},
	{name: "file-types-denied", usage: "`types` of files that may not be sent, likewise",
		set: func(s *settings, t string) (err error) { s.files.Rules.Deny, err = parseTypes(t); return err }},
	{name: "scanner", usage: "`address` of a malware scanner: clamd at tcp://host:port or unix:/path, or icap://host:port/service; none without",
		set: func(s *settings, t string) error { s.files.Scanner = t; return nil }},
	{name: "s3-bucket", usage: "`bucket` for the bytes of files; without one they are in the data directory",
		set: func(s *settings, t string) error { s.files.S3.Bucket = t; return nil }},
	{name: "s3-endpoint", usage: "`host` or host:port of its S3 server",
		set: func(s *settings, t string) error { s.files.S3.Endpoint = t; return nil }},
	{name: "s3-region", usage: "its `region`; asked of the server where it is empty",
		set: func(s *settings, t string) error { s.files.S3.Region = t; return nil }},
	{name: "s3-prefix", usage: "`beginning` of all names in the bucket, like deskside/",
		set: func(s *settings, t string) error { s.files.S3.Prefix = t; return nil }},
	{name: "s3-access-key", usage: "`name` to sign in there",
		set: func(s *settings, t string) error { s.files.S3.AccessKey = t; return nil }},
	{name: "s3-secret-key", secret: true, usage: "`password` to sign in there",
		set: func(s *settings, t string) error { s.files.S3.SecretKey = t; return nil }},
	{name: "s3-insecure", toggle: true, fallback: "false", usage: "reach it without TLS",
		set: func(s *settings, t string) (err error) { s.files.S3.Insecure, err = parseToggle(t); return err }},
	{name: "keep-addresses", fallback: "30d", usage: "`time` for which the numbers and addresses of invitations are kept, 1d to 3650d",
		set: func(s *settings, t string) (err error) {
			s.keepAddresses, err = parseSpan(t, day, 3650*day)
			return err
		}},
	{name: "invitations-per-day", fallback: "500", usage: "most `number` of text messages, and of mails, that are sent within 24 hours",
		set: func(s *settings, t string) (err error) { s.perDay, err = parseCount(t, 1, 1_000_000); return err }},
	{name: "smtp-host", usage: "mail `server` that sends invitations; without one agents use their own mail program",
		set: func(s *settings, t string) error { s.smtp.Host = t; return nil }},
	{name: "smtp-security", fallback: "starttls", usage: "`protection` of the connection to it: starttls, tls or none",
		set: func(s *settings, t string) error { s.smtp.Security = t; return oneOf(t, "starttls", "tls", "none") }},
	{name: "smtp-port", follows: smtpPort, usage: "its `port`",
		set: func(s *settings, t string) (err error) { s.smtp.Port, err = parseCount(t, 1, 65535); return err }},
	{name: "smtp-user", usage: "`name` to sign in there; empty for no sign-in",
		set: func(s *settings, t string) error { s.smtp.User = t; return nil }},
	{name: "smtp-password", secret: true, usage: "`password` to sign in there",
		set: func(s *settings, t string) error { s.smtp.Password = t; return nil }},
	{name: "smtp-from", usage: "`address` that invitations come from, like \"Example Support <support@example.org>\"",
		set: func(s *settings, t string) error { s.smtp.From = t; return checkFrom(t) }},
	{name: "sms-gateway", usage: "`gateway` that sends text messages: the name of one that is known, or the file of a definition; without one agents use their own phone",
		set: func(s *settings, t string) error { s.sms.Gateway = t; return nil }},
	{name: "sms-url", usage: "the gateway's `URL`, where it has none of its own; with gammu the folder of its spool",
		set: func(s *settings, t string) error { s.sms.URL = t; return nil }},
	{name: "sms-user", usage: "`name` or account to sign in there",
		set: func(s *settings, t string) error { s.sms.User = t; return nil }},
	{name: "sms-password", secret: true, usage: "`password`, key or token to sign in there",
		set: func(s *settings, t string) error { s.sms.Password = t; return nil }},
	{name: "sms-from", usage: "`sender` of text messages: a number or a name that the gateway allows",
		set: func(s *settings, t string) error { s.sms.From = t; return nil }},
	{name: "sms-countries", follows: ownCountry, usage: "`countries` that text messages may go to, like DE, AT, CH; or all",
		set: func(s *settings, t string) (err error) { s.smsCountries, err = parseCountries(t); return err }},
	{name: "relay", toggle: true, fallback: "true", usage: "carry views of screens where browsers can't reach each other",
		set: func(s *settings, t string) error {
			on, err := parseToggle(t)
			s.relay.Off = !on
			return err
		}},
	{name: "relay-listen", usage: "further `addresses` of that relay, like udp::3478, tcp::3478, tls::5349",
		set: func(s *settings, t string) (err error) { s.relay.Listen, err = parseRelay(t); return err }},
	{name: "relay-host", usage: "`host` under which browsers reach this node's relay; of several nodes each has its own",
		set: func(s *settings, t string) error { s.relay.Host = t; return nil }},
	{name: "relay-rate", fallback: "20", usage: "most `Mbit/s` that one person may send by it",
		set: func(s *settings, t string) error {
			n, err := parseCount(t, 1, 10_000)
			s.relay.Rate = n * 1_000_000 / 8
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

// smtpPort is the usual port of a protection (RFC 8314, RFC 5321).
func smtpPort(text map[string]string) fallback {
	return fallback{map[string]string{"starttls": "587", "tls": "465", "none": "25"}[text["smtp-security"]], "smtp-security"}
}

func ownCountry(text map[string]string) fallback {
	return fallback{text["default-country"], "default-country"}
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

// urlWith refuses what is no URL with one of the schemes. It does not repeat
// what may hold a password.
func urlWith(text string, schemes ...string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
		return fmt.Errorf("it is no URL that begins with %s://", strings.Join(schemes, ":// or "))
	}
	return nil
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

func checkFrom(text string) error {
	if _, err := mail.ParseAddress(text); text != "" && err != nil {
		return fmt.Errorf("%q is no address, like support@example.org or Example <support@example.org>", text)
	}
	return nil
}

// parseCountries reads a list of country codes; nil is all.
func parseCountries(text string) ([]string, error) {
	if text == "all" {
		return nil, nil
	}
	codes := strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return r == ',' || r == ' ' })
	for _, code := range codes {
		if err := checkCountry(code); err != nil {
			return nil, err
		}
	}
	return codes, nil
}

// units are what sizes may be written in.
var units = []struct {
	name  string
	bytes int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1},
}

// parseSize reads a number of bytes like 2GiB or 500 MB.
func parseSize(text string) (int64, error) {
	for _, unit := range units {
		digits, ok := strings.CutSuffix(text, unit.name)
		if n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64); ok && err == nil && n > 0 && n <= (1<<62)/unit.bytes {
			return n * unit.bytes, nil
		}
	}
	return 0, fmt.Errorf("%q is no size, like 500MB or 2GiB", text)
}

// parseTypes reads a list of endings and media types.
func parseTypes(text string) ([]string, error) {
	types := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ' ' })
	for _, t := range types {
		if !strings.HasPrefix(t, ".") && strings.Count(t, "/") != 1 {
			return nil, fmt.Errorf("%q is neither an ending, like .pdf, nor a media type, like image/*", t)
		}
	}
	return types, nil
}

// parseRelay reads addresses with their transports.
func parseRelay(text string) (all []node.RelayAddress, err error) {
	for _, field := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		transport, address, _ := strings.Cut(field, ":")
		if err := oneOf(transport, "udp", "tcp", "tls"); err != nil {
			return nil, fmt.Errorf("%q is no address of a relay, like udp::3478 or tls:192.0.2.7:5349", field)
		}
		if err := checkAddress(address); err != nil {
			return nil, err
		}
		all = append(all, node.RelayAddress{Transport: transport, Address: address})
	}
	return all, nil
}

func parseCount(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q is no whole number from %d to %d", text, least, most)
	}
	return n, nil
}

func checkColour(text string) error {
	if text != "" && !regexp.MustCompile(`^#[0-9a-fA-F]{6}$`).MatchString(text) {
		return fmt.Errorf("%q is no colour, like #0a6670", text)
	}
	return nil
}

func checkCountry(code string) error {
	if phonenumbers.GetCountryCodeForRegion(code) == 0 {
		return fmt.Errorf("%q is no country code of two letters, like DE or US", code)
	}
	return nil
}
