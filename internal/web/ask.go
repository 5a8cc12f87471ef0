package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"

	"deskside"
	"deskside/internal/desk"
)

// doubt is "I don't know this person". Only a person's act posts here.
func (s *Server) doubt(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Token string `json:"token"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if err := s.Desk.Doubt(r.Context(), body.Token); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// ring is "Ask for a new one", of a dead link or key. Only a person's act
// posts here.
func (s *Server) ring(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Token string `json:"token"`
		Key   string `json:"key"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	var ring desk.Ring
	var err error
	if body.Token != "" {
		ring, err = s.Desk.RingByLink(r.Context(), body.Token)
	} else {
		ring, err = s.Desk.RingByKey(r.Context(), body.Key, s.address(r))
	}
	if err != nil {
		return err
	}
	return writeJSON(w, struct {
		Told  bool   `json:"told"`
		Agent string `json:"agent"`
	}{ring.Told, ring.Agent})
}

// receipt takes a gateway's delivery receipt. Its address, which only the
// gateway was told, proves where it comes from.
func (s *Server) receipt(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return deskside.Errorf(deskside.CodeTooLarge, "A request has at most %d bytes.", tooLarge.Limit)
	}
	if err != nil {
		return err
	}
	values := r.URL.Query()
	if form, err := url.ParseQuery(string(body)); err == nil {
		for name, list := range form {
			values[name] = append(values[name], list...)
		}
	}
	id := deskside.InvitationID(r.PathValue("invitation"))
	if err := s.Desk.Receipt(r.Context(), id, r.PathValue("mac"), values, body); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
