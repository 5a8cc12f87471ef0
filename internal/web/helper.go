package web

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lxzan/gws"

	"deskside"
	"deskside/internal/artefact"
	"deskside/internal/desk"
	"deskside/internal/wire"
)

// A helperOffer is what the end-user's page needs to hand out the helper.
type helperOffer struct {
	Code    deskside.HelperCode `json:"code"`
	Expires time.Time           `json:"expires"`
	Builds  []helperBuild       `json:"builds"`
}

type helperBuild struct {
	Build artefact.Build `json:"build"` // GOOS-GOARCH
	URL   string         `json:"url"`
}

// offerHelper gives an end-user who agreed to control a helper of their own.
func (s *Server) offerHelper(w http.ResponseWriter, r *http.Request) error {
	code, expires, err := s.Desk.OfferHelper(r.Context(), by(r), sessionOf(r))
	if err != nil {
		return err
	}
	offer := helperOffer{code, expires, []helperBuild{}}
	for _, b := range artefact.Builds() {
		name := artefact.Name(s.BaseURL.Host, string(code)) + b.Suffix()
		offer.Builds = append(offer.Builds, helperBuild{b, "/helper/" + string(b) + "/" + name})
	}
	return writeJSON(w, offer)
}

// helperFile sends the helper. It is the same for everybody; what tells it its
// session is the name.
func (s *Server) helperFile(w http.ResponseWriter, r *http.Request) error {
	build, name := artefact.Build(r.PathValue("build")), r.PathValue("name")
	zipped := strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
	d, ok, err := artefact.Open(build, name, zipped)
	if err != nil {
		return err
	}
	if !ok {
		return deskside.Errorf(deskside.CodeNotFound, "There is no such helper here.")
	}
	h := w.Header()
	h.Set("Content-Type", d.Type)
	h.Set("Content-Length", strconv.FormatInt(d.Size, 10))
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store") // the code in the name is for once
	h.Add("Vary", "Accept-Encoding")
	if d.Gzipped {
		h.Set("Content-Encoding", "gzip")
	}
	_, err = io.Copy(w, d.Content)
	return err
}

// pairHelper takes a helper's code for a credential.
func (s *Server) pairHelper(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Code   string          `json:"code"`
		System deskside.System `json:"system"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	p, err := s.Desk.PairHelper(r.Context(), body.Code, body.System, s.address(r))
	if err != nil {
		return err
	}
	return writeJSON(w, struct {
		Token        string `json:"token"`
		Agent        string `json:"agent"`
		Organisation string `json:"organisation"`
	}{p.Token, p.Agent, s.Organisation})
}

// liveHelper opens the socket of a helper. Its credential stands in a header
// that no page of another site can set, so the Origin does not matter.
func (s *Server) liveHelper(w http.ResponseWriter, r *http.Request) error {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return deskside.Errorf(deskside.CodeUnauthenticated, "A helper says who it is.")
	}
	h, err := s.Desk.Helper(r.Context(), token)
	if err != nil {
		return err
	}
	return s.socket(w, r, &socket{opcode: gws.OpcodeBinary}, func(ctx context.Context, notify func()) (feed, error) {
		watch, err := s.Desk.WatchControl(ctx, h.Actor, h.Session, notify)
		if err != nil {
			return nil, err
		}
		f := &helperFeed{server: s, helper: h, watch: watch}
		if err := s.Desk.ReachHelper(ctx, h); err != nil {
			f.close(ctx) // it may have been logged all the same
			return nil, err
		}
		return f, nil
	})
}

// liveControl opens the socket on which an agent's page talks to the helper.
func (s *Server) liveControl(w http.ResponseWriter, r *http.Request) error {
	if err := s.ownOrigin(r); err != nil {
		return err
	}
	who, id := by(r), sessionOf(r)
	return s.socket(w, r, &socket{login: s.login(r), opcode: gws.OpcodeBinary}, func(ctx context.Context, notify func()) (feed, error) {
		watch, err := s.Desk.WatchControl(ctx, who, id, notify)
		if err != nil {
			return nil, err
		}
		return &controlFeed{server: s, who: who, id: id, watch: watch}, nil
	})
}

// isJSON tells a statement from a frame of package control, which begins with
// its version.
func isJSON(frame []byte) bool { return len(frame) > 0 && frame[0] == '{' }

// A helperFeed is what a helper gets and says. Both go in binary frames: JSON,
// or a frame of package control.
type helperFeed struct {
	server *Server
	helper desk.Helper
	watch  *desk.Watch
	told   *desk.Controlled // what the helper knows
}

// A helperState is the frame "state".
type helperState struct {
	Over         bool                   `json:"over"` // there is nothing to control any more
	Agent        deskside.ParticipantID `json:"agent"`
	AgentName    string                 `json:"agentName"`
	Organisation string                 `json:"organisation"`
	On           bool                   `json:"on"`
	Screen       int64                  `json:"screen"` // changes when something else is shown; 0 while it is no whole screen
	Frozen       bool                   `json:"frozen"` // the picture is paused
	AgentHere    bool                   `json:"agentHere"`
	Here         bool                   `json:"here"` // the end-user's page is
}

type helperAimed struct {
	Aim string `json:"aim"`
}

func (f *helperFeed) first() [][]byte { return nil }
func (f *helperFeed) more() bool      { return f.told == nil || f.watch.More() }

func (f *helperFeed) next(ctx context.Context) (frames [][]byte, final int, err error) {
	b, err := f.watch.Next(ctx)
	if err != nil {
		return nil, 0, err
	}
	look := f.told == nil || len(b.Events) > 0 || b.Ended
	for _, signal := range b.Signals {
		switch signal.Kind {
		case deskside.SignalControl:
			frames = append(frames, signal.Control)
		case deskside.SignalAimed:
			frames = append(frames, wire.Encode("aimed", helperAimed{signal.Aim}))
		case deskside.SignalPresence:
			look = true
		}
	}
	for i := range b.Events { // an older connection of this helper ended after this one began
		if reached, ok := b.Events[i].Body.(*deskside.HelperReached); ok && !reached.On {
			if err := f.server.Desk.ReachHelper(ctx, f.helper); err != nil {
				return nil, 0, err
			}
		}
	}
	if look {
		now, err := f.server.Desk.Controlled(ctx, f.helper)
		if err != nil {
			return nil, 0, err
		}
		if f.told == nil || *f.told != now {
			f.told = &now
			frames = append([][]byte{wire.Encode("state", helperState{
				now.Over, now.Agent, now.AgentName, f.server.Organisation, now.On, now.Screen, now.Frozen, now.AgentHere, now.Here,
			})}, frames...)
		}
	}
	if f.told.Over {
		final = wire.CloseEnded
	}
	return frames, final, nil
}

// helperRequests are the requests that a helper makes for its end-user. To allow
// and to pause is its own: it would not know of it from somebody else.
var helperRequests = map[string]useCase{
	"allow-control": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.GrantControl(ctx, c.who, c.session, c.ID, deskside.ControlGranted{Agent: c.Participant, Clipboard: c.On})
	},
	"pause-control": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.PauseControl(ctx, c.who, c.session, c.ID, c.On)
	},
	"decline-control": requests["decline-control"],
	"stop-control":    requests["stop-control"],
}

func (f *helperFeed) take(ctx context.Context, frame []byte) ([]byte, error) {
	if !isJSON(frame) {
		f.server.note(f.server.Desk.Answer(ctx, f.helper, slices.Clone(frame)), "answer") // may be lost
		return nil, nil
	}
	req, err := wire.Decode(frame)
	if err != nil {
		return refuse(req.ID, err), nil
	}
	switch {
	case req.Type == "beat":
		return nil, nil
	case req.Type == "aim":
		f.server.note(f.server.Desk.Aim(ctx, f.helper.Actor, f.helper.Session, req.Aim, false), req.Type)
		return nil, nil
	case helperRequests[req.Type] == nil:
		return refuse(req.ID, deskside.Errorf(deskside.CodeForbidden, "A helper has nothing to do with that.")), nil
	}
	ack, err := f.server.record(ctx, helperRequests[req.Type], call{req, f.helper.Actor, f.helper.Session})
	if err != nil {
		f.server.note(err, req.Type)
		return refuse(req.ID, err), nil
	}
	return wire.Encode("ack", ack), nil
}

func (f *helperFeed) close(ctx context.Context) {
	f.watch.Close(ctx)
	if err := f.server.Desk.LoseHelper(ctx, f.helper); err != nil {
		f.server.Logger.Warn("a lost helper was not recorded", "session", f.helper.Session, "error", err)
	}
}

// A controlFeed is the agent's end.
type controlFeed struct {
	server *Server
	who    deskside.Actor
	id     deskside.SessionID
	watch  *desk.Watch
}

func (f *controlFeed) first() [][]byte { return nil }
func (f *controlFeed) more() bool      { return f.watch.More() }

func (f *controlFeed) next(ctx context.Context) (frames [][]byte, final int, err error) {
	b, err := f.watch.Next(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, signal := range b.Signals {
		if signal.Kind == deskside.SignalControl {
			frames = append(frames, signal.Control)
		}
	}
	if b.Ended {
		final = wire.CloseEnded
	}
	return frames, final, nil
}

func (f *controlFeed) take(ctx context.Context, frame []byte) ([]byte, error) {
	if !isJSON(frame) { // JSON is a beat
		f.server.note(f.server.Desk.Steer(ctx, f.who, f.id, slices.Clone(frame)), "steer") // may be lost
	}
	return nil, nil
}

func (f *controlFeed) close(ctx context.Context) { f.watch.Close(ctx) }
