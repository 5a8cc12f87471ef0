package relay

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/turn/v5"
	"golang.org/x/time/rate"
)

// own is where the relay's addresses are from: TEST-NET-3 (RFC 5737).
var own = netip.MustParsePrefix("203.0.113.0/24")

const (
	queued  = 256       // packets that wait for one client; more are lost
	maxSize = 1600      // bytes of a packet
	burst   = 512 << 10 // bytes that somebody may send at once
)

var (
	errFull    = errors.New("no allocation is free")
	errNoRelay = errors.New("only UDP is relayed")
)

// permitted says whether packets may come from there: only from our own
// addresses, whatever form theirs has. That a packet comes from the same
// session is seen to where it is handed over.
func permitted(_ net.Addr, peer net.IP) bool {
	addr, ok := netip.AddrFromSlice(peer)
	return ok && own.Contains(addr) // an IPv4 address within an IPv6 one is none of ours
}

// A switchboard hands packets from one allocation to another.
type switchboard struct {
	rate     int
	counters counters

	mu       sync.RWMutex // guards what follows
	ports    map[netip.AddrPort]*port
	limiters map[[2]string]*limiter // by session and participant
}

// A limiter is what all allocations of a participant may send together.
type limiter struct {
	*rate.Limiter
	users int
}

func newSwitchboard(rate int) *switchboard {
	return &switchboard{rate: rate, ports: make(map[netip.AddrPort]*port), limiters: make(map[[2]string]*limiter)}
}

// Validate implements turn.RelayAddressGenerator.
func (s *switchboard) Validate() error { return nil }

// AllocateListener implements turn.RelayAddressGenerator; there are none.
func (s *switchboard) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errNoRelay
}

// AllocateConn implements turn.RelayAddressGenerator; there are none.
func (s *switchboard) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errNoRelay }

// AllocatePacketConn implements turn.RelayAddressGenerator: an address that
// exists in this process only.
func (s *switchboard) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	o, ok := ownerOf(c.UserID)
	if !ok || c.Network != "udp4" || c.RequestedPort != 0 {
		return nil, nil, errNoRelay
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.allows(o) {
		return nil, nil, errFull
	}
	at := s.free()
	key := [2]string{o.session, o.participant}
	l := s.limiters[key]
	if l == nil {
		l = &limiter{Limiter: rate.NewLimiter(rate.Limit(s.rate), burst)}
		s.limiters[key] = l
	}
	l.users++
	p := &port{board: s, owner: o, limit: l, at: at, addr: net.UDPAddrFromAddrPort(at), packets: make(chan packet, queued), closed: make(chan struct{})}
	s.ports[at] = p
	return p, p.addr, nil
}

// free draws an address that nobody has. The caller holds mu.
func (s *switchboard) free() netip.AddrPort {
	for {
		network := own.Addr().As4()
		network[3] = byte(1 + rand.IntN(254))
		at := netip.AddrPortFrom(netip.AddrFrom4(network), uint16(1024+rand.IntN(64512)))
		if s.ports[at] == nil {
			return at
		}
	}
}

func (s *switchboard) mayAdd(o owner) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.allows(o)
}

// allows says whether somebody may have one more. The caller holds mu.
func (s *switchboard) allows(o owner) bool {
	same, all := 0, 0
	for _, p := range s.ports {
		if p.owner == o {
			same++
		}
		if p.owner.session == o.session && p.owner.participant == o.participant {
			all++
		}
	}
	return same < MaxByCredentials && all < MaxByParticipant && len(s.ports) < MaxAllocations
}

func (s *switchboard) count(which func(owner) bool) (n int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range s.ports {
		if which(p.owner) {
			n++
		}
	}
	return n
}

func (s *switchboard) sessions() (all []string) {
	seen := make(map[string]bool)
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range s.ports {
		if !seen[p.owner.session] {
			seen[p.owner.session] = true
			all = append(all, p.owner.session)
		}
	}
	return all
}

// close closes the allocations of some owners. Their clients are told nothing;
// what they send from then on goes nowhere.
func (s *switchboard) close(which func(owner) bool) {
	s.mu.RLock()
	var some []*port
	for _, p := range s.ports {
		if which(p.owner) {
			some = append(some, p)
		}
	}
	s.mu.RUnlock()
	for _, p := range some {
		_ = p.Close() // never fails
	}
}

// streams says by which connection an allocation's client reads.
func (s *switchboard) streams(at net.Addr, c *guarded) {
	u, ok := at.(*net.UDPAddr)
	if !ok || c == nil {
		return
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if p := s.ports[unmapped(u)]; p != nil {
		p.stream.Store(c)
	}
}

func (s *switchboard) remove(p *port) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ports, p.at)
	if p.limit.users--; p.limit.users == 0 {
		delete(s.limiters, [2]string{p.owner.session, p.owner.participant})
	}
}

// deliver hands a packet to another participant of the same session.
func (s *switchboard) deliver(from *port, data []byte, to netip.AddrPort) bool {
	s.mu.RLock()
	p := s.ports[to]
	s.mu.RUnlock()
	if p == nil || p.owner.session != from.owner.session || p.owner.participant == from.owner.participant {
		return false
	}
	if len(data) > maxSize || !from.limit.AllowN(time.Now(), len(data)) {
		return false
	}
	b := buffers.Get().(*[maxSize]byte)
	n := copy(b[:], data)
	select {
	case p.packets <- packet{b, n, from.addr}:
		return true
	default:
		buffers.Put(b)
		return false
	}
}

var buffers = sync.Pool{New: func() any { return new([maxSize]byte) }}

type packet struct {
	data *[maxSize]byte
	n    int
	from *net.UDPAddr
}

// A port is one allocation's relayed address. It is the net.PacketConn that
// the TURN library reads and writes instead of a socket.
type port struct {
	board   *switchboard
	owner   owner
	limit   *limiter
	at      netip.AddrPort
	addr    *net.UDPAddr
	packets chan packet
	closed  chan struct{}
	once    sync.Once
	stream  atomic.Pointer[guarded] // its client's connection, unless that is UDP
}

// ReadFrom waits for a packet.
func (p *port) ReadFrom(b []byte) (int, net.Addr, error) {
	stream := p.stream.Load()
	if stream != nil && len(p.packets) == 0 {
		stream.flush() // the last packet may have been one that its client does not want
	}
	select {
	case q := <-p.packets:
		if stream != nil {
			stream.more.Store(len(p.packets) > 0)
		}
		n := copy(b, q.data[:q.n])
		buffers.Put(q.data)
		return n, q.from, nil
	case <-p.closed:
		return 0, nil, net.ErrClosed
	}
}

// WriteTo hands a packet on, or loses it, as networks do.
func (p *port) WriteTo(b []byte, addr net.Addr) (int, error) {
	to, ok := addr.(*net.UDPAddr)
	if ok && p.board.deliver(p, b, unmapped(to)) {
		p.board.counters.bytes.Add(int64(len(b)))
	} else {
		p.board.counters.dropped.Add(1)
	}
	return len(b), nil
}

// unmapped returns an address as the switchboard has it: net.IP may hold four
// bytes in sixteen.
func unmapped(a *net.UDPAddr) netip.AddrPort {
	at := a.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// Close gives the address back.
func (p *port) Close() error {
	p.once.Do(func() {
		close(p.closed)
		p.board.remove(p)
	})
	return nil
}

// LocalAddr returns the relayed address.
func (p *port) LocalAddr() net.Addr { return p.addr }

// The library sets no deadlines.
func (p *port) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (p *port) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (p *port) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }
