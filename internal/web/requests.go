package web

import (
	"context"
	"errors"
	"io"
	"net/http"

	"deskside"
	"deskside/internal/desk"
	"deskside/internal/wire"
)

// A call is a request with who makes it and in which session.
type call struct {
	wire.Request
	who     deskside.Actor
	session deskside.SessionID
}

// A useCase carries out one type of request.
type useCase = func(context.Context, *desk.Desk, call) (deskside.Event, error)

// requests maps each type of request to its use case.
var requests = map[string]useCase{
	"post": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Post(ctx, c.who, c.session, c.ID, c.Text)
	},
	"edit": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Edit(ctx, c.who, c.session, c.ID, c.Message, c.Text)
	},
	"withdraw": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Withdraw(ctx, c.who, c.session, c.ID, c.Message)
	},
	"react": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.React(ctx, c.who, c.session, c.ID, c.Message, c.Emoji)
	},
	"link": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.PushLink(ctx, c.who, c.session, c.ID, c.URL)
	},
	"note": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Note(ctx, c.who, c.session, c.ID, c.Text)
	},
	"title": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.SetTitle(ctx, c.who, c.session, c.ID, c.Title)
	},
	"wish-control": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.WishControl(ctx, c.who, c.session, c.ID, c.On)
	},
	"invite": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Invite(ctx, c.who, c.session, c.ID, deskside.Means(c.Via))
	},
	"extend": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Extend(ctx, c.who, c.session, c.ID)
	},
	"renew": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Renew(ctx, c.who, c.session, c.ID)
	},
	"revoke": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Revoke(ctx, c.who, c.session, c.ID)
	},
	"admit": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Admit(ctx, c.who, c.session, c.ID, c.Participant)
	},
	"refuse": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Refuse(ctx, c.who, c.session, c.ID, c.Participant)
	},
	"ask-view": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.AskView(ctx, c.who, c.session, c.ID, c.Surface, c.On)
	},
	"choose-view": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.ChooseView(ctx, c.who, c.session, c.ID, c.Participant)
	},
	"grant-view": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.GrantView(ctx, c.who, c.session, c.ID, deskside.ViewGranted{Agent: c.Participant, Surface: c.Surface, Sound: c.On})
	},
	"decline-view": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.DeclineView(ctx, c.who, c.session, c.ID, c.Participant, c.Why)
	},
	"ask-control": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.AskControl(ctx, c.who, c.session, c.ID)
	},
	"prepare-control": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.PrepareControl(ctx, c.who, c.session, c.ID, c.Participant)
	},
	"decline-control": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.DeclineControl(ctx, c.who, c.session, c.ID, deskside.ControlWhy(c.Why))
	},
	"stop-control": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.StopControl(ctx, c.who, c.session, c.ID, deskside.ControlWhy(c.Why))
	},
	"pause-view": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.PauseView(ctx, c.who, c.session, c.ID, c.On)
	},
	"stop-view": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.StopView(ctx, c.who, c.session, c.ID, c.Participant, c.Why)
	},
	"equip": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Equip(ctx, c.who, c.session, c.ID, deskside.Equipped{Screen: c.Screen, Camera: c.Camera, System: c.System, Browser: c.Browser})
	},
	"report": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Report(ctx, c.who, c.session, c.ID)
	},
	"end": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.End(ctx, c.who, c.session, c.ID)
	},
	"rate": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Rate(ctx, c.who, c.session, c.ID, c.Rating)
	},
	"summarize": func(ctx context.Context, d *desk.Desk, c call) (deskside.Event, error) {
		return d.Summarize(ctx, c.who, c.session, c.ID, c.Note, c.Outcome, c.Tags)
	},
}

// do carries out a request that is no signal.
func (s *Server) do(ctx context.Context, who deskside.Actor, id deskside.SessionID, r wire.Request) (wire.Ack, error) {
	f, ok := requests[r.Type]
	if !ok {
		return wire.Ack{}, deskside.Errorf(deskside.CodeInvalid, "There is no request of type %q.", r.Type)
	}
	return s.record(ctx, f, call{r, who, id})
}

func (s *Server) record(ctx context.Context, f useCase, c call) (wire.Ack, error) {
	event, err := f(ctx, s.Desk, c)
	if err != nil {
		return wire.Ack{}, err
	}
	s.metrics.stored.Inc()
	return wire.Ack{ID: c.ID, Seq: event.Seq, At: event.At}, nil
}

// signal carries out a request that gets no answer; away is for streams only.
func (s *Server) signal(ctx context.Context, who deskside.Actor, id deskside.SessionID, r wire.Request) error {
	switch r.Type {
	case "typing":
		return s.Desk.Typing(ctx, who, id, r.Typing)
	case "rtc":
		return s.Desk.Connect(ctx, who, id, r.Participant, r.RTC)
	case "aim":
		return s.Desk.Aim(ctx, who, id, r.Aim, true)
	case "marks":
		return s.Desk.Mark(ctx, who, id, deskside.Marks{Delivered: r.Delivered, Read: r.Read})
	}
	return nil
}

// request takes one request by POST.
func (s *Server) request(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return deskside.Errorf(deskside.CodeTooLarge, "A request has at most %d bytes.", tooLarge.Limit)
	}
	if err != nil {
		return err
	}
	req, err := wire.Decode(body)
	if err != nil {
		return err
	}
	if req.IsSignal() {
		if err := s.signal(r.Context(), by(r), sessionOf(r), req); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	ack, err := s.do(r.Context(), by(r), sessionOf(r), req)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(wire.Encode("ack", ack))
	return err
}
