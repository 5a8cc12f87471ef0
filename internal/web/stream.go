package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"deskside"
	"deskside/internal/desk"
	"deskside/internal/wire"
)

// stream shows a session as Server-Sent Events, for where a proxy breaks
// WebSockets. What the client says comes by POST.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) error {
	return s.serveEvents(w, r, s.sessionFeed(r))
}

// streamList shows an agent's list in the same way.
func (s *Server) streamList(w http.ResponseWriter, r *http.Request) error {
	return s.serveEvents(w, r, s.listFeed(r))
}

func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request, open opener) error {
	news := make(chan struct{}, 1)
	feed, err := open(r.Context(), func() {
		select {
		case news <- struct{}{}:
		default: // it will look anyway
		}
	})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), writeWait)
		defer cancel()
		feed.close(ctx)
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would wait for more
	s.metrics.streams.Inc()
	defer s.metrics.streams.Dec()
	e := &eventWriter{w: w, rc: http.NewResponseController(w)}
	if err := e.write(feed.first()...); err != nil {
		return nil // the reader is gone
	}
	return s.pumpEvents(r, e, feed, news)
}

func (s *Server) pumpEvents(r *http.Request, e *eventWriter, f feed, news <-chan struct{}) error {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	login := time.NewTicker(loginEvery)
	defer login.Stop()
	for {
		frames, final, err := f.next(r.Context())
		if err != nil {
			return e.close(closeCode(err), string(deskside.CodeOf(err)))
		}
		if e.write(frames...) != nil {
			return nil // the reader is gone
		}
		if final != 0 {
			return e.close(final, "")
		}
		if f.more() {
			continue
		}
		select {
		case <-news:
		case <-beat.C:
			if e.write(wire.Beat) != nil {
				return nil
			}
		case <-login.C:
			if err := s.stillSignedIn(r); err != nil {
				return e.close(closeCode(err), string(deskside.CodeOf(err)))
			}
		case <-r.Context().Done():
			return nil
		case <-s.ctx.Done():
			return e.close(wire.CloseRestart, s.delay())
		}
	}
}

// stillSignedIn checks the login behind an agent's stream.
func (s *Server) stillSignedIn(r *http.Request) error {
	if s.login(r) == "" {
		return nil
	}
	_, err := s.agent(r)
	return err
}

// An eventWriter writes frames as Server-Sent Events.
type eventWriter struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

func (e *eventWriter) write(frames ...[]byte) error {
	if len(frames) == 0 {
		return nil
	}
	if err := e.rc.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	for _, frame := range frames {
		if _, err := fmt.Fprintf(e.w, "data: %s\n\n", frame); err != nil {
			return err
		}
	}
	return e.rc.Flush()
}

func (e *eventWriter) close(code int, reason string) error {
	_ = e.write(wire.Encode("close", wire.Close{Code: code, Reason: reason})) // the reader may be gone
	return nil
}

// listRest is how long a list waits between two looks: sessions in which
// people write are looked at once for many messages.
const listRest = 250 * time.Millisecond

// listFeed shows an agent's open sessions.
func (s *Server) listFeed(r *http.Request) opener {
	who := by(r)
	return func(ctx context.Context, notify func()) (feed, error) {
		watch, list, err := s.Desk.WatchList(ctx, who, notify)
		if err != nil {
			return nil, err
		}
		return &listFeed{watch: watch, list: wire.Encode("list", wire.List{Sessions: list})}, nil
	}
}

type listFeed struct {
	watch *desk.ListWatch
	list  []byte
	last  time.Time // when next looked last
}

func (f *listFeed) first() [][]byte { return [][]byte{f.list} }

func (f *listFeed) more() bool { return false }

func (f *listFeed) next(ctx context.Context) (frames [][]byte, final int, err error) {
	if wait := listRest - time.Since(f.last); wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, 0, nil
		}
	}
	f.last = time.Now()
	changed, err := f.watch.Next(ctx)
	for _, o := range changed {
		frames = append(frames, wire.Encode("overview", wire.Overview{Session: o}))
	}
	return frames, 0, err
}

func (f *listFeed) take(context.Context, []byte) ([]byte, error) { return nil, nil }

func (f *listFeed) close(ctx context.Context) { f.watch.Close(ctx) }
