package web

import (
	"time"

	"deskside"
	"deskside/internal/wire"
)

// A socket is read again once its request is answered, so what is too much
// waits in the connections, where nothing bounds for how long. Therefore a
// server on which much is on its way refuses the requests of those who have
// been sending faster than they are answered: they are told at once, and what
// is accepted is stored soon. A page waits for each answer, and is never
// refused for this.
const (
	// busy is how many requests are on their way when much is. By Little's law
	// that is some 25 ms of ten thousand a second.
	busy = 256
	// backlog is how long somebody may send faster than they are answered.
	backlog = 50 * time.Millisecond
	// breath is the pause between an answer and the next request by which that
	// was not there already.
	breath = time.Millisecond
)

// tooMuch is counted instead of logged: there may be thousands in a second.
var tooMuch = &deskside.Error{Code: deskside.CodeUnavailable, Detail: "Too much is on its way. It is safe to try again.", RetryAfter: time.Second}

// A pace knows for how long a client has been sending faster than it is
// answered. Only one goroutine uses it.
type pace struct {
	since    time.Time // since when there was always a next request
	answered time.Time
}

// behind notes a request, and returns for how long the client has been ahead.
func (p *pace) behind(now time.Time) time.Duration {
	if now.Sub(p.answered) > breath {
		p.since = now
	}
	return now.Sub(p.since)
}

// paced carries a client's request out, or refuses it.
func (s *Server) paced(p *pace, do func() (wire.Ack, error)) (wire.Ack, error) {
	defer func() { p.answered = time.Now() }()
	if p.behind(time.Now()) > backlog && s.onTheirWay.Load() >= busy {
		s.metrics.refused.Inc()
		return wire.Ack{}, tooMuch
	}
	s.onTheirWay.Add(1)
	defer s.onTheirWay.Add(-1)
	return do()
}
