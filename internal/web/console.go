package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"deskside"
	"deskside/internal/access"
)

// form reads a field of a posted form, at most the whole body of which is
// read.
func form(r *http.Request, field string) (string, error) {
	if err := r.ParseForm(); err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return "", deskside.Errorf(deskside.CodeTooLarge, "A request has at most %d bytes.", tooLarge.Limit)
		}
		return "", deskside.Errorf(deskside.CodeInvalid, "The form could not be read.")
	}
	return r.PostForm.Get(field), nil
}

type signInData struct {
	page
	Email, Error, Next string
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if _, err := s.agent(r); err == nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	return s.render(w, r, http.StatusOK, "sign-in", signInData{page: s.page(r), Next: next})
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	email, err := form(r, "email")
	if err != nil {
		return err
	}
	next := localPath(r.PostForm.Get("next"))
	_, secret, expires, err := s.Access.SignIn(r.Context(), email, r.PostForm.Get("password"), s.address(r))
	switch deskside.CodeOf(err) {
	case "":
	case deskside.CodeWrongPassword, deskside.CodeTooMany:
		s.retryAfter(w, err)
		data := signInData{page: s.page(r), Email: email, Next: next, Error: "error." + string(deskside.CodeOf(err))}
		return s.render(w, r, problem(err).Status, "sign-in", data)
	default:
		return err
	}
	s.setCookie(w, loginCookie, secret, expires)
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// localPath returns where to go after signing in: a path of ours, never
// another site.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/support"
	}
	return next
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if secret := s.cookie(r, loginCookie); secret != "" {
		if err := s.Access.SignOut(r.Context(), secret); err != nil {
			return err
		}
	}
	s.setCookie(w, loginCookie, "", time.Unix(1, 0))
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}

type setupData struct {
	page
	Name, Email, Error, Token string
	Used                      bool
}

func (s *Server) setupPage(w http.ResponseWriter, r *http.Request) error {
	open, err := s.Access.SetupValid(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	data := setupData{page: s.page(r), Token: r.PathValue("token"), Used: !open}
	status := http.StatusOK
	if !open {
		status = http.StatusGone
	}
	return s.render(w, r, status, "setup", data)
}

func (s *Server) createFirst(w http.ResponseWriter, r *http.Request) error {
	name, err := form(r, "name")
	if err != nil {
		return err
	}
	email := r.PostForm.Get("email")
	_, secret, err := s.Access.CreateFirst(r.Context(), r.PathValue("token"), name, email, r.PostForm.Get("password"))
	switch deskside.CodeOf(err) {
	case "":
	case deskside.CodeSetupUsed, deskside.CodeInvalid:
		data := setupData{page: s.page(r), Name: name, Email: email, Token: r.PathValue("token")}
		data.Used = deskside.CodeOf(err) == deskside.CodeSetupUsed
		if !data.Used {
			data.Error = refusal(err).Detail
		}
		return s.render(w, r, problem(err).Status, "setup", data)
	default:
		return err
	}
	s.setCookie(w, loginCookie, secret, time.Now().Add(access.LoginLife))
	http.Redirect(w, r, "/support", http.StatusSeeOther)
	return nil
}

// consolePage is the one page of the Console; the browser finds its screen by
// the path.
func (s *Server) consolePage(w http.ResponseWriter, r *http.Request) error {
	agent, err := s.agent(r)
	if deskside.CodeOf(err) == deskside.CodeUnauthenticated {
		http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	data := struct {
		page
		Boot any
	}{page: s.page(r)}
	data.Boot = map[string]any{
		"agent": agent, "lang": data.Lang, "langs": data.Langs, "org": s.Organisation,
		"texts": s.texts.of(data.Lang, "console", "lines", "errors", "files"),
	}
	return s.render(w, r, http.StatusOK, "console", data)
}

// startInTab makes a session for the form of the Support page, whose answer
// opens in a new tab.
func (s *Server) startInTab(w http.ResponseWriter, r *http.Request) error {
	id, err := s.Desk.Start(r.Context(), by(r))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/support/"+string(id), http.StatusSeeOther)
	return nil
}
