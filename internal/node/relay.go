package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"deskside"
	"deskside/internal/relay"
	"deskside/internal/web"
)

// Relay is where the node's STUN/TURN server listens. Where the node itself
// terminates TLS, or is reached without any, it always serves the server's own
// port too.
type Relay struct {
	Off    bool
	Listen []RelayAddress // further ones
	// Host is under which browsers reach this node's relay; by default the
	// base URL's. Of several nodes each has a name of its own.
	Host string
	Rate int // bytes a second that one participant may send; 0 for the default
}

// A RelayAddress is one address that the relay listens on.
type RelayAddress struct {
	Transport string // udp, tcp or tls; tls needs the node's certificate
	Address   string // and port
}

// relayEnds is how often it is looked whether views have ended that the relay
// carries.
const relayEnds = time.Second

// A relayed is a node's relay, with what browsers are told of it.
type relayed struct {
	*relay.Server
	urls func(host string) []string
}

// openRelay starts the relay on half of the server's port, and on what else
// the settings say.
func (n *Node) openRelay(shared net.Listener, base *url.URL) (*relayed, error) {
	r := n.config.Relay
	opt := relay.Options{Secret: n.relaySecret, Realm: base.Hostname(), Rate: r.Rate, Clock: n.config.Clock, Live: n.mayRelay, Listeners: []net.Listener{shared}}
	var close []func() error
	fail := func(err error) (*relayed, error) {
		for _, c := range close {
			err = errors.Join(err, c())
		}
		return nil, fmt.Errorf("relay: %w", err)
	}
	offers := []func(host string) []string{sharedOffer(base, n.config.TLSCert != "", len(n.config.TrustedProxies) > 0)}
	for _, a := range r.Listen {
		var addr net.Addr
		if a.Transport == "udp" {
			conn, err := net.ListenPacket("udp", a.Address)
			if err != nil {
				return fail(err)
			}
			close, addr = append(close, conn.Close), conn.LocalAddr()
			opt.PacketConns = append(opt.PacketConns, conn)
		} else {
			l, err := n.relayListener(a)
			if err != nil {
				return fail(err)
			}
			close, addr = append(close, l.Close), l.Addr()
			opt.Listeners = append(opt.Listeners, l)
		}
		offers = append(offers, offerOf(a.Transport, addr))
	}
	server, err := relay.Open(opt)
	if err != nil {
		return fail(err)
	}
	return &relayed{server, func(host string) (urls []string) {
		if host == "" {
			host = r.Host
		}
		if host == "" {
			host = base.Hostname()
		}
		for _, offer := range offers {
			urls = append(urls, offer(host)...)
		}
		return urls
	}}, nil
}

func (n *Node) relayListener(a RelayAddress) (net.Listener, error) {
	l, err := net.Listen("tcp", a.Address)
	if err != nil || a.Transport == "tcp" {
		return l, err
	}
	if n.config.TLSCert == "" {
		return nil, errors.Join(errors.New("TURN over TLS needs tls-cert and tls-key"), l.Close())
	}
	secure, err := n.secured(l, "stun.turn")
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return secure, nil
}

// sharedOffer is how the relay is reached by the server's own port: not at
// all where another program stands in front of it, since that speaks HTTP only.
func sharedOffer(base *url.URL, terminates, proxied bool) func(string) []string {
	port := base.Port()
	switch {
	case proxied:
	case terminates && base.Scheme == "https":
		return func(host string) []string { return []string{turnURL("turns", host, or(port, "443"), "tcp")} }
	case !terminates && base.Scheme == "http":
		return func(host string) []string { return []string{turnURL("turn", host, or(port, "80"), "tcp")} }
	}
	return func(string) []string { return nil }
}

// offerOf is how it is reached by another address (RFC 7064, RFC 7065).
func offerOf(transport string, at net.Addr) func(string) []string {
	_, port, _ := net.SplitHostPort(at.String()) // an address that is listened on has one
	return func(host string) []string {
		switch transport {
		case "udp":
			return []string{"stun:" + net.JoinHostPort(host, port), turnURL("turn", host, port, "udp")}
		case "tls":
			return []string{turnURL("turns", host, port, "tcp")}
		}
		return []string{turnURL("turn", host, port, "tcp")}
	}
}

func turnURL(scheme, host, port, transport string) string {
	return scheme + ":" + net.JoinHostPort(host, port) + "?transport=" + transport
}

func or(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

// access is what a participant of a view is told.
func (r *relayed) access(session deskside.SessionID, p deskside.ParticipantID, host string) web.RelayAccess {
	urls := r.urls(host)
	if len(urls) == 0 {
		return web.RelayAccess{}
	}
	username, password, expires := r.Credentials(string(session), string(p))
	return web.RelayAccess{URLs: urls, Username: username, Password: password, Expires: expires}
}

// mayRelay says whether the relay may carry something for a participant: who
// is at an end of a view, or soon may be, or tests the relay. Only a clear no
// is one: while the store can't be read, what is carried goes on.
func (n *Node) mayRelay(session, participant string) bool {
	id := deskside.SessionID(session)
	if web.TestsRelay(id, n.config.Clock()) {
		return true
	}
	concerns, err := n.desk.ViewConcerns(context.Background(), id, deskside.ParticipantID(participant))
	return concerns || err != nil
}

// run ends what the relay carries once its view has ended, until ctx does.
func (r *relayed) run(ctx context.Context, lives func(session, participant string) bool) {
	ticker := time.NewTicker(relayEnds)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, session := range r.Sessions() {
			if !lives(session, "") {
				r.End(session)
			}
		}
	}
}

// measure shows operators what the relay does.
func (r *relayed) measure(metrics *prometheus.Registry) {
	gauge := func(name, help string, value func(relay.Stats) float64) {
		metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return value(r.Stats()) }))
	}
	gauge("deskside_relay_allocations", "Allocations of the relay.", func(s relay.Stats) float64 { return float64(s.Allocations) })
	gauge("deskside_relay_bytes_total", "Bytes that the relay has handed on.", func(s relay.Stats) float64 { return float64(s.Bytes) })
	gauge("deskside_relay_dropped_total", "Packets that the relay has lost.", func(s relay.Stats) float64 { return float64(s.Dropped) })
}

// secured serves TLS on a listener with the node's certificate.
func (n *Node) secured(l net.Listener, protocols ...string) (net.Listener, error) {
	pair, err := tls.LoadX509KeyPair(n.config.TLSCert, n.config.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("load the TLS certificate: %w", err)
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: protocols}), nil
}
