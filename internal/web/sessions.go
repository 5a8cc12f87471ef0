package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"deskside"
	"deskside/internal/desk"
	"deskside/internal/wire"
)

func (s *Server) me(w http.ResponseWriter, r *http.Request) error {
	agent, err := s.agent(r)
	if err != nil {
		return err
	}
	return writeJSON(w, agent)
}

func (s *Server) startSession(w http.ResponseWriter, r *http.Request) error {
	var none struct{}
	if err := readJSON(r, &none); err != nil {
		return err
	}
	id, err := s.Desk.Start(r.Context(), by(r))
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]deskside.SessionID{"id": id})
}

func (s *Server) openSessions(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Desk.OpenSessions(r.Context(), by(r))
	if err != nil {
		return err
	}
	return writeJSON(w, wire.List{Sessions: list})
}

// The bounds of a page of history and of events.
const (
	historyPage = 50
	eventsPage  = 500
)

func (s *Server) history(w http.ResponseWriter, r *http.Request) error {
	limit, err := number(r, "limit", historyPage, historyPage)
	if err != nil {
		return err
	}
	q := deskside.HistoryQuery{Text: r.URL.Query().Get("q"), Limit: int(limit)}
	if before := r.URL.Query().Get("before"); before != "" {
		if q.Before, err = time.Parse(time.RFC3339, before); err != nil {
			return deskside.Errorf(deskside.CodeInvalid, "%q is no time like 2026-11-23T14:05:00Z.", before)
		}
	}
	found, err := s.Desk.History(r.Context(), by(r), q)
	if err != nil {
		return err
	}
	if found == nil {
		found = []deskside.Found{}
	}
	return writeJSON(w, map[string][]deskside.Found{"sessions": found})
}

// number reads a whole number of the query, from 0 to most.
func number(r *http.Request, name string, missing, most int64) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return missing, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, deskside.Errorf(deskside.CodeInvalid, "%s is a whole number from 0.", name)
	}
	return min(n, most), nil
}

// session shows a session as its reader may see it: to an end-user, nothing
// that is for agents.
func (s *Server) session(w http.ResponseWriter, r *http.Request) error {
	who := by(r)
	pic, err := s.Desk.Picture(r.Context(), who, sessionOf(r))
	if err != nil {
		return err
	}
	overview, people := pic.Overview, pic.Participants
	if who.Role == deskside.RoleEndUser {
		overview = deskside.Overview{
			ID: overview.ID, State: overview.State, AgentName: overview.AgentName, Agent: overview.Agent,
			Created: overview.Created, Started: overview.Started, Ended: overview.Ended, Tags: []string{},
		}
		people = nil
		for _, p := range pic.Participants {
			if p.In() || p.ID == who.ID {
				people = append(people, p)
			}
		}
	}
	return writeJSON(w, struct {
		Session      deskside.Overview      `json:"session"`
		You          deskside.ParticipantID `json:"you"`
		Role         deskside.Role          `json:"role"`
		Standing     deskside.Standing      `json:"standing,omitempty"`
		Participants []deskside.Participant `json:"participants"`
	}{overview, who.ID, who.Role, pic.Standing, people})
}

func (s *Server) events(w http.ResponseWriter, r *http.Request) error {
	after, err := number(r, "after", 0, 1<<53)
	if err != nil {
		return err
	}
	limit, err := number(r, "limit", eventsPage, eventsPage)
	if err != nil {
		return err
	}
	events, upto, err := s.Desk.Events(r.Context(), by(r), sessionOf(r), after, int(limit))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(wire.Events(after, upto, events))
	return err
}

// keyCard shows the session's key and how to hand it over.
func (s *Server) keyCard(w http.ResponseWriter, r *http.Request) error {
	card, err := s.Desk.KeyCard(r.Context(), by(r), sessionOf(r))
	if err != nil {
		return err
	}
	invitations, err := s.Desk.Invitations(r.Context(), by(r), sessionOf(r))
	if err != nil {
		return err
	}
	answer := struct {
		Key         deskside.SupportKey     `json:"key"`
		Link        string                  `json:"link"`
		Expires     time.Time               `json:"expires"`
		Visits      int                     `json:"visits"`
		WrongKeys   int                     `json:"wrongKeys"`
		Mailto      string                  `json:"mailto"`
		QR          map[string]string       `json:"qr"`
		Sends       map[deskside.Means]bool `json:"sends"`
		Invitations []desk.InvitationCard   `json:"invitations"`
	}{
		Key: card.Key, Expires: card.Expires, Visits: card.Visits, WrongKeys: card.WrongKeys, QR: map[string]string{},
		Sends:       map[deskside.Means]bool{deskside.BySMS: s.Desk.Sends(deskside.BySMS), deskside.ByEmail: s.Desk.Sends(deskside.ByEmail)},
		Invitations: invitations,
	}
	if card.Token != "" {
		answer.Link = s.link(card.Token)
		letter, _, err := s.letter(r, wanted{Via: deskside.ByEmail, Language: s.texts.language(r)})
		if err != nil {
			return err
		}
		answer.Mailto = mailto("", letter)
		if answer.QR["link"], err = qrDataURL(answer.Link); err != nil {
			return err
		}
		if answer.QR["key"], err = qrDataURL(string(card.Key)); err != nil {
			return err
		}
	}
	return writeJSON(w, answer)
}

// link returns the session link of a token. Links come from the configured
// base URL only, never from what a request says of the host.
func (s *Server) link(token string) string { return s.BaseURL.JoinPath("j", token).String() }

// mailEscape percent-encodes every character that RFC 6068 asks for; a plus
// sign stays a plus sign there, so spaces can't be written as one.
func mailEscape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
