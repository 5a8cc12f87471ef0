package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"deskside"
	"deskside/internal/wire"
)

// maxBody bounds the body of any request but bytes of files, in bytes.
const maxBody = wire.MaxFrame

// answerWait is how long a request may take to come in and its answer to go
// out.
const answerWait = 30 * time.Second

// wrap puts round every route what holds for all of them.
func (s *Server) wrap(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	if err := cross.AddTrustedOrigin(origin(s.BaseURL)); err != nil {
		panic("web: the base URL has no origin: " + err.Error()) // the settings were checked
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.writeProblem(w, r, deskside.Errorf(deskside.CodeCrossOrigin, "This was sent by a page of another site."))
	}))
	next = cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.headers(w.Header())
		if to := s.spelledOtherwise(r); to != "" {
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
			return
		}
		if r.Method != http.MethodPatch { // bytes of files have limits of their own
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		}
		rc := http.NewResponseController(w) // streams set later deadlines of their own
		_ = rc.SetWriteDeadline(time.Now().Add(answerWait))
		if r.Method == http.MethodPost {
			_ = rc.SetReadDeadline(time.Now().Add(answerWait))
		}
		next.ServeHTTP(w, r)
	})
}

// headers sets what every answer carries. Pages replace the policy by their
// own.
func (s *Server) headers(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Referrer-Policy", s.referrerPolicy())
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if s.BaseURL.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// referrerPolicy is no-referrer, because a link's token stands in its path.
// With plain http off loopback browsers send no Sec-Fetch-Site, and with
// no-referrer they send the origin "null" from forms, so that our own can't be
// told from another site's: there the referrer goes to ourselves only.
func (s *Server) referrerPolicy() string {
	if s.BaseURL.Scheme == "http" && !isLoopback(s.BaseURL.Hostname()) {
		return "same-origin"
	}
	return "no-referrer"
}

// spelledOtherwise returns where to go instead for somebody on the server's
// own machine who wrote its loopback address in another way than the base URL
// does: cookies and origins would not fit.
func (s *Server) spelledOtherwise(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if r.Method != http.MethodGet || !wantsPage(r) || r.Host == s.BaseURL.Host || !isLoopback(host) || !isLoopback(s.BaseURL.Hostname()) {
		return ""
	}
	return origin(s.BaseURL) + r.URL.RequestURI()
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}

// answer runs a route: who is asking, the handler, and what went wrong.
func (s *Server) answer(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		counted := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if fault := recover(); fault != nil {
				if fault == http.ErrAbortHandler {
					panic(fault)
				}
				s.Logger.Error("panic", "pattern", rt.pattern, "fault", fault, "stack", string(debug.Stack()))
				s.writeProblem(counted, r, deskside.Errorf(deskside.CodeInternal, "Something went wrong on the server."))
			}
			s.metrics.request(rt.pattern, counted.status, time.Since(began))
		}()
		r, err := s.identify(rt.who, r)
		if err == nil {
			err = rt.handle(counted, r)
		}
		if err != nil && !counted.begun {
			s.writeProblem(counted, r, err)
		} else if err != nil && r.Context().Err() == nil {
			s.Logger.Warn("answer broke off", "pattern", rt.pattern, "error", err)
		}
	})
}

// A statusWriter remembers the status and whether the answer has begun.
type statusWriter struct {
	http.ResponseWriter
	status int
	begun  bool
}

func (w *statusWriter) WriteHeader(status int) {
	w.status, w.begun = status, true
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

type actorKey struct{}

// identify finds out who is asking, as far as the route needs to know.
func (s *Server) identify(who audience, r *http.Request) (*http.Request, error) {
	if who == anybody {
		return r, nil
	}
	actor, err := s.actor(who, r)
	if err != nil {
		return r, err
	}
	return r.WithContext(context.WithValue(r.Context(), actorKey{}, actor)), nil
}

// actor returns the agent who is signed in or, in a session, its end-user.
// One browser can be both: the join page says which by "as=end-user".
func (s *Server) actor(who audience, r *http.Request) (deskside.Actor, error) {
	if who == participants && r.URL.Query().Get("as") == string(deskside.RoleEndUser) {
		return s.guest(r, sessionOf(r))
	}
	agent, err := s.agent(r)
	if who == participants && deskside.CodeOf(err) == deskside.CodeUnauthenticated {
		return s.guest(r, sessionOf(r))
	}
	return agent.Actor(), err
}

func sessionOf(r *http.Request) deskside.SessionID {
	return deskside.SessionID(r.PathValue("session"))
}

// by returns who is asking. Only routes for agents or participants may call it.
func by(r *http.Request) deskside.Actor { return r.Context().Value(actorKey{}).(deskside.Actor) }

// address returns where a request comes from. Only a trusted proxy is
// believed when it says that somebody is behind it, and of the addresses that
// it names the last one counts that is no trusted proxy itself.
func (s *Server) address(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	from := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !s.trusted(from) {
			break
		}
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		from = next.Unmap()
	}
	return from
}

func (s *Server) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(s.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}
