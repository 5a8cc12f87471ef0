package web

import (
	"net/http"
	"net/url"
	"time"

	"deskside"
	"deskside/internal/desk"
)

// origin returns the origin of a URL (RFC 6454).
func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// cookieName gives a cookie the __Host- prefix where the browser accepts it:
// over https. It then can't be set by another host of the same domain.
func (s *Server) cookieName(name string) string {
	if s.BaseURL.Scheme == "https" {
		return "__Host-" + name
	}
	return name
}

func (s *Server) setCookie(w http.ResponseWriter, name, value string, expires time.Time) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", Expires: expires,
		HttpOnly: true, Secure: s.BaseURL.Scheme == "https", SameSite: http.SameSiteLaxMode,
	})
}

func (s *Server) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

const loginCookie = "deskside"

// guestCookie names the cookie of an end-user of one session.
func guestCookie(id deskside.SessionID) string { return "deskside-" + string(id) }

// guestLife is how long an end-user's browser may come back; browsers cut
// cookies at 400 days.
const guestLife = 365 * 24 * time.Hour

// agent returns who is signed in.
func (s *Server) agent(r *http.Request) (deskside.Agent, error) {
	secret := s.cookie(r, loginCookie)
	if secret == "" {
		return deskside.Agent{}, deskside.Errorf(deskside.CodeUnauthenticated, "Sign in first.")
	}
	return s.Access.Agent(r.Context(), secret)
}

// guest returns which end-user of the session the browser is.
func (s *Server) guest(r *http.Request, id deskside.SessionID) (deskside.Actor, error) {
	secret := s.cookie(r, guestCookie(id))
	if secret == "" {
		return deskside.Actor{}, deskside.Errorf(deskside.CodeUnauthenticated, "This browser takes no part in the session.")
	}
	return s.Desk.Guest(r.Context(), id, secret)
}

// welcomeGuest gives an end-user's browser its credential.
func (s *Server) welcomeGuest(w http.ResponseWriter, e desk.Entry) {
	s.setCookie(w, guestCookie(e.Session), e.Secret, time.Now().Add(guestLife))
}
