// Package relay is the server's own STUN and TURN (RFC 8489, RFC 8656): it
// carries what two browsers that can't reach each other have to say, between
// the participants of one session and nobody else.
//
// It opens no socket of its own. Browsers come by the server's one port, or by
// others that the operator opens; what they allocate are addresses from
// 203.0.113.0/24 (RFC 5737, routed nowhere) that exist within this process
// only. So both ends of a connection have to be relayed by the same process,
// and the relay can't be made a way into anybody's network: there is no
// address outside that it could send to.
//
// Whoever has credentials may allocate for ten minutes; an allocation then
// lives as long as its participant takes part in a session that lives.
package relay

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
)

// The limits.
const (
	// MaxByCredentials bounds the allocations of one set of credentials.
	MaxByCredentials = 4
	// MaxByParticipant bounds those of one participant, who has credentials
	// for each connection.
	MaxByParticipant = 24
	// MaxAllocations bounds them all.
	MaxAllocations = 8000
	// DefaultRate is what one participant may send, in bytes a second.
	DefaultRate = 2_500_000
	// lifetime is how long an allocation lasts without a refresh (RFC 8656
	// asks for 10 minutes at least). Its client refreshes a minute before.
	lifetime = 10 * time.Minute
)

// Options are what the relay needs.
type Options struct {
	Secret []byte // credentials are made with it, on all nodes the same
	Realm  string // RFC 8489, section 9.2; the server's host
	// Live says whether somebody takes part in a session that lives. It is
	// asked for each request that opens or prolongs something.
	Live func(session, participant string) bool
	// Rate is what one participant may send, in bytes a second. What is more
	// is lost.
	Rate        int
	Listeners   []net.Listener   // for TURN over TCP and TLS
	PacketConns []net.PacketConn // for TURN over UDP
	Clock       func() time.Time // for tests; time.Now by default
}

// A Server is a running relay.
type Server struct {
	opt   Options
	turn  *turn.Server
	ports *switchboard
}

// Stats is what the relay has done so far, and does now.
type Stats struct {
	Allocations int   // now
	Bytes       int64 // handed on
	Dropped     int64 // packets lost: above the rate, to nobody, or to a reader that is too slow
}

type counters struct{ bytes, dropped atomic.Int64 }

// Open starts a relay that serves the listeners until Close, which closes
// them.
func Open(opt Options) (*Server, error) {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.Rate == 0 {
		opt.Rate = DefaultRate
	}
	s := &Server{opt: opt, ports: newSwitchboard(opt.Rate)}
	config := turn.ServerConfig{
		Realm: opt.Realm, AuthHandler: s.authenticate, QuotaHandler: s.withinQuota,
		AllocationLifetime: lifetime, StrictAddressFamily: true,
		LoggerFactory: &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled},
	}
	guard := newGuard()
	config.EventHandler.OnAllocationCreated = func(client, own net.Addr, _, _, _ string, at net.Addr, _ int) {
		guard.allocated(client, own, true)
		s.ports.streams(at, guard.of(client, own))
	}
	config.EventHandler.OnAllocationDeleted = func(client, own net.Addr, _, _, _ string) { guard.allocated(client, own, false) }
	for _, l := range opt.Listeners {
		config.ListenerConfigs = append(config.ListenerConfigs, turn.ListenerConfig{
			Listener: guard.listen(l), RelayAddressGenerator: s.ports, PermissionHandler: permitted,
		})
	}
	for _, c := range opt.PacketConns {
		config.PacketConnConfigs = append(config.PacketConnConfigs, turn.PacketConnConfig{
			PacketConn: c, RelayAddressGenerator: s.ports, PermissionHandler: permitted,
		})
	}
	var err error
	if s.turn, err = turn.NewServer(config); err != nil {
		return nil, fmt.Errorf("start the relay: %w", err)
	}
	return s, nil
}

// Close ends the relay and everything that it carries.
func (s *Server) Close() error {
	err := s.turn.Close()
	s.ports.close(func(owner) bool { return true })
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// End closes everything that was allocated for the session.
func (s *Server) End(session string) {
	s.ports.close(func(o owner) bool { return o.session == session })
}

// Sessions returns those for which something is allocated.
func (s *Server) Sessions() []string { return s.ports.sessions() }

// Stats returns what the relay has done so far.
func (s *Server) Stats() Stats {
	return Stats{s.ports.count(func(owner) bool { return true }), s.ports.counters.bytes.Load(), s.ports.counters.dropped.Load()}
}
