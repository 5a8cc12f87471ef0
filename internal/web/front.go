package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"deskside"
	"deskside/internal/desk"
)

type frontData struct {
	page
	Typed, Error string
	Missing      int    // digits of an incomplete key
	Shown        string // the key with the missing digits marked
	Dead         bool   // the key was good once: its agent can be asked for another
}

func (s *Server) frontPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "front", frontData{page: s.page(r)})
}

// typeKey takes the key that somebody typed on the front page: they knock,
// and wait on the session's page.
func (s *Server) typeKey(w http.ResponseWriter, r *http.Request) error {
	typed, err := form(r, "key")
	if err != nil {
		return err
	}
	if path := s.pastedLink(typed); path != "" {
		http.Redirect(w, r, path, http.StatusSeeOther)
		return nil
	}
	entry, err := s.Desk.KnockByKey(r.Context(), typed, r.PostForm.Get("ask") != "", s.address(r))
	if p := problem(err); err != nil && p.Status < 500 {
		s.retryAfter(w, err)
		data := frontData{
			page: s.page(r), Typed: typed, Error: string(p.Code), Dead: dead(p.Code),
			Missing: deskside.KeyDigits - countDigits(typed), Shown: deskside.ShowMissing(typed),
		}
		return s.render(w, r, p.Status, "front", data)
	}
	if err != nil {
		return err
	}
	s.welcomeGuest(w, entry)
	http.Redirect(w, r, "/s/"+string(entry.Session), http.StatusSeeOther)
	return nil
}

// dead says whether a key or link was good once.
func dead(code deskside.Code) bool {
	return code == deskside.CodeKeyExpired || code == deskside.CodeKeyRevoked || code == deskside.CodeSessionEnded
}

func countDigits(typed string) (n int) {
	for _, r := range typed {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// pastedLink returns the path of one of our own session links, or "".
func (s *Server) pastedLink(typed string) string {
	u, err := url.Parse(strings.TrimSpace(typed))
	if err != nil || u.Host != s.BaseURL.Host || !strings.HasPrefix(u.Path, "/j/") {
		return ""
	}
	return u.Path
}

// boot is what the join page's script begins with.
type boot struct {
	State   string                 `json:"state"`
	Session deskside.SessionID     `json:"session,omitempty"`
	You     deskside.ParticipantID `json:"you,omitempty"`
	Check   string                 `json:"check,omitempty"`
	Token   string                 `json:"token,omitempty"`
	Agent   string                 `json:"agent,omitempty"`
	Since   time.Time              `json:"since,omitzero"`
	Org     string                 `json:"org"`
	Lang    string                 `json:"lang"`
	More    string                 `json:"more"`
	Logo    string                 `json:"logo,omitempty"`
	Texts   texts                  `json:"texts"`
}

// linkPage is what is behind a session link. It changes nothing, however
// often and by whatever it is opened.
func (s *Server) linkPage(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	door, err := s.Desk.Visit(r.Context(), token)
	b := boot{State: doorState(err), Session: door.Session, Agent: door.AgentName, Since: door.Created, Token: token}
	if b.State == "" {
		return err
	}
	if b.State == "waiting" {
		return s.joinPage(w, r, http.StatusOK, b)
	}
	if guest, guestErr := s.guest(r, door.Session); guestErr == nil {
		return s.guestPage(w, r, guest, b)
	}
	return s.joinPage(w, r, problem(err).Status, b)
}

// doorState names what somebody finds behind a link, or "" where the server
// can't say.
func doorState(err error) string {
	switch deskside.CodeOf(err) {
	case "":
		return "waiting"
	case deskside.CodeKeyInUse:
		return "in-use"
	case deskside.CodeKeyExpired:
		return "expired"
	case deskside.CodeKeyRevoked:
		return "revoked"
	case deskside.CodeSessionEnded:
		return "gone-ended"
	case deskside.CodeKeyUnknown:
		return "unknown"
	}
	return ""
}

// sessionPage is an end-user's page of a session: while they wait to be
// admitted, while they take part, and after the end.
func (s *Server) sessionPage(w http.ResponseWriter, r *http.Request) error {
	guest, err := s.guest(r, sessionOf(r))
	if deskside.CodeOf(err) == deskside.CodeUnauthenticated {
		return s.joinPage(w, r, http.StatusNotFound, boot{State: "unknown"})
	}
	if err != nil {
		return err
	}
	return s.guestPage(w, r, guest, boot{Session: sessionOf(r)})
}

// guestPage is the page for an end-user whom the server knows.
func (s *Server) guestPage(w http.ResponseWriter, r *http.Request, guest deskside.Actor, b boot) error {
	pic, err := s.Desk.Picture(r.Context(), guest, b.Session)
	if deskside.CodeOf(err) == deskside.CodeNotFound {
		return s.joinPage(w, r, http.StatusNotFound, boot{State: "unknown"})
	}
	if err != nil {
		return err
	}
	b.You, b.Agent, b.Since = guest.ID, pic.AgentName, pic.Created
	b.State = guestState(pic)
	for _, p := range pic.Participants {
		if p.ID == guest.ID {
			b.Check = p.Check
		}
	}
	if b.State == "gone-ended" {
		return s.joinPage(w, r, http.StatusGone, b)
	}
	return s.joinPage(w, r, http.StatusOK, b)
}

// guestState names where an end-user stands.
func guestState(pic desk.Picture) string {
	ended := pic.State == deskside.StateEnded
	switch pic.Standing {
	case deskside.Taking, deskside.Gone:
		if ended {
			return "ended"
		}
		return "here"
	case deskside.Turned:
		return "refused"
	}
	if ended {
		return "gone-ended"
	}
	return string(pic.Standing) // knocking, admitted
}

func (s *Server) joinPage(w http.ResponseWriter, r *http.Request, status int, b boot) error {
	p := s.page(r)
	b.Org, b.Lang, b.Logo = s.Organisation, p.Lang, p.Logo
	b.More = s.pages.url("more.js")
	b.Texts = s.texts.forEndUsers(p.Lang, b.State)
	data := struct {
		page
		State, Agent, Check string
		Session             deskside.SessionID
		Boot                boot
		Style               any
		Script              any
	}{p, b.State, b.Agent, b.Check, b.Session, b, s.pages.style, s.pages.script}
	return s.render(w, r, status, "join", data)
}

// join starts the session behind a link. Only a person's act posts here.
func (s *Server) join(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Token string `json:"token"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	entry, err := s.Desk.Join(r.Context(), body.Token)
	if err != nil {
		return err
	}
	return s.answerEntry(w, entry)
}

// knock asks the agent to be let in.
func (s *Server) knock(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Token string `json:"token"`
		Key   string `json:"key"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	var entry desk.Entry
	var err error
	if body.Token != "" {
		entry, err = s.Desk.KnockByLink(r.Context(), body.Token)
	} else {
		entry, err = s.Desk.KnockByKey(r.Context(), body.Key, true, s.address(r))
	}
	if err != nil {
		return err
	}
	return s.answerEntry(w, entry)
}

// enter lets somebody take part who was admitted.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) error {
	id := sessionOf(r)
	entry, err := s.Desk.Enter(r.Context(), by(r), id, s.cookie(r, guestCookie(id)))
	if err != nil {
		return err
	}
	return s.answerEntry(w, entry)
}

func (s *Server) answerEntry(w http.ResponseWriter, e desk.Entry) error {
	s.welcomeGuest(w, e)
	return writeJSON(w, struct {
		Session deskside.SessionID     `json:"session"`
		You     deskside.ParticipantID `json:"you"`
		Check   string                 `json:"check,omitempty"`
	}{e.Session, e.You, e.Check})
}
