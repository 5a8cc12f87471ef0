package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"deskside"
	"deskside/internal/desk"
)

// A transcript is a session's conversation to take along.
type transcript struct {
	Lang, Dir string
	Title     string
	Lines     []line
}

// A line is one thing said or that happened.
type line struct {
	At     time.Time
	Who    string // empty for what happened
	Text   string
	Edited bool
	System bool
	Note   bool // for agents only
}

func (s *Server) transcriptText(w http.ResponseWriter, r *http.Request) error {
	t, err := s.transcript(r)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", t.Title)
	for _, l := range t.Lines {
		at := l.At.Format("2006-01-02 15:04:05 MST")
		if l.System {
			fmt.Fprintf(&b, "%s  * %s\n", at, l.Text)
		} else {
			fmt.Fprintf(&b, "%s  %s: %s\n", at, l.Who, strings.ReplaceAll(l.Text, "\n", "\n    "))
		}
	}
	attach(w, "text/plain; charset=utf-8", sessionOf(r), "txt")
	_, err = w.Write([]byte(b.String()))
	return err
}

var transcriptPage = template.Must(template.New("transcript").Parse(`<!doctype html>
<html lang="{{.Lang}}" dir="{{.Dir}}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
dt { font-weight: 600; margin-top: 1rem } dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
time, .system { color: GrayText; font-weight: 400 }
</style>
<h1>{{.Title}}</h1>
<dl>{{range .Lines}}
<dt>{{.Who}} <time datetime="{{.At.Format "2006-01-02T15:04:05.000Z07:00"}}">{{.At.Format "2006-01-02 15:04:05 MST"}}</time></dt>
<dd dir="auto"{{if .System}} class="system"{{end}}>{{.Text}}</dd>{{end}}
</dl>
`))

func (s *Server) transcriptHTML(w http.ResponseWriter, r *http.Request) error {
	t, err := s.transcript(r)
	if err != nil {
		return err
	}
	attach(w, "text/html; charset=utf-8", sessionOf(r), "html")
	return transcriptPage.Execute(w, t)
}

func (s *Server) transcriptJSON(w http.ResponseWriter, r *http.Request) error {
	events, err := s.allEvents(r)
	if err != nil {
		return err
	}
	attach(w, "application/json", sessionOf(r), "json")
	return writeJSON(w, struct {
		Session deskside.SessionID `json:"session"`
		Events  []deskside.Event   `json:"events"`
	}{sessionOf(r), events})
}

func attach(w http.ResponseWriter, kind string, id deskside.SessionID, ext string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="deskside-%.8s.%s"`, strings.ToLower(string(id)), ext))
	w.Header().Set("Cache-Control", "no-store")
}

// allEvents reads all of the session that its reader may see.
func (s *Server) allEvents(r *http.Request) (all []deskside.Event, err error) {
	for after := int64(0); ; {
		events, upto, err := s.Desk.Events(r.Context(), by(r), sessionOf(r), after, eventsPage)
		if err != nil {
			return nil, err
		}
		if upto == after {
			return all, nil
		}
		all, after = append(all, events...), upto
	}
}

func (s *Server) transcript(r *http.Request) (transcript, error) {
	pic, err := s.Desk.Picture(r.Context(), by(r), sessionOf(r))
	if err != nil {
		return transcript{}, err
	}
	events, err := s.allEvents(r)
	if err != nil {
		return transcript{}, err
	}
	p := s.page(r)
	texts := s.texts.of(p.Lang, "pages", "lines")
	t := transcript{Lang: p.Lang, Dir: p.Dir, Title: texts.say("transcript.title", "org", s.Organisation, "date", pic.Created.Format(time.DateOnly))}
	t.Lines = conversation(events, texts, pic)
	return t, nil
}

// conversation turns events into lines: messages with their newest text, and
// what happened in words.
func conversation(events []deskside.Event, texts texts, pic desk.Picture) []line {
	c := &conversationFold{texts: texts, names: make(map[deskside.ParticipantID]string), at: make(map[int64]int), invited: make(map[deskside.InvitationID]*deskside.Invited), files: make(map[deskside.FileID]*fileLine)}
	for _, p := range pic.Participants {
		c.names[p.ID] = p.Name
		if p.Name == "" {
			c.names[p.ID] = texts.say("who." + string(p.Role))
		}
	}
	for i := range events {
		c.add(&events[i])
	}
	return c.lines
}

// A fileLine is a file and the line that names it.
type fileLine struct {
	*deskside.Attached
	line int
}

type conversationFold struct {
	texts   texts
	names   map[deskside.ParticipantID]string
	lines   []line
	at      map[int64]int // the line of each message
	files   map[deskside.FileID]*fileLine
	invited map[deskside.InvitationID]*deskside.Invited
}

func (c *conversationFold) add(e *deskside.Event) {
	said := line{At: e.At, Who: c.names[e.By]}
	if underWay(e.Body) {
		return
	}
	switch b := e.Body.(type) {
	case *deskside.Message:
		said.Text = b.Text
		if b.Withdrawn {
			said.Text, said.System = c.texts.say("line.withdrawn", "name", said.Who), true
		}
	case *deskside.LinkPushed:
		said.Text = b.URL
		if b.Withdrawn {
			said.Text, said.System = c.texts.say("line.withdrawn", "name", said.Who), true
		}
	case *deskside.Noted:
		said.Text, said.Note = b.Text, true
		said.Who = c.texts.say("who.note", "name", said.Who)
	case *deskside.Edited:
		c.edit(b)
		return
	case *deskside.Attached:
		c.files[b.File] = &fileLine{b, len(c.lines)}
		said.Text = c.file(b, deskside.FileMoved{State: deskside.FileOffered})
	case *deskside.FileMoved:
		if f := c.files[b.File]; b.State != deskside.FileRemoved { // its hash stays
			c.lines[f.line].Text = c.file(f.Attached, *b)
		}
		return
	case *deskside.FilePreviewed:
		return
	case *deskside.Equipped, *deskside.ViewChoosing, *deskside.ControlPreparing, *deskside.HelperOffered, *deskside.HelperPaired, *deskside.HelperReached:
		return
	case *deskside.Withdrawn, *deskside.Reacted, *deskside.Titled, *deskside.ControlWished, *deskside.Summarized, *deskside.Later:
		return // shown where they belong, or not part of what was said
	default:
		said.Who, said.System = "", true
		said.Text = c.happened(e)
	}
	c.at[e.Seq] = len(c.lines)
	c.lines = append(c.lines, said)
}

// file names a file with its size, and what became of it.
func (c *conversationFold) file(a *deskside.Attached, m deskside.FileMoved) string {
	return c.texts.say("transcript.file."+string(m.State), "name", a.Name, "snapshot", strconv.FormatBool(a.Snapshot), "size", sizeText(a.Size), "sum", m.SHA256)
}

// underWay says whether a body is a step of an invitation that says nothing
// yet.
func underWay(b deskside.Body) bool {
	moved, ok := b.(*deskside.InvitationMoved)
	return ok && (moved.State == deskside.InvitationQueued || moved.State == deskside.InvitationSending)
}

func (c *conversationFold) edit(b *deskside.Edited) {
	if i, ok := c.at[b.Message]; ok && !b.Withdrawn {
		c.lines[i].Text = b.Text + " (" + c.texts.say("message.edited") + ")"
	}
}

// happened says in words what an event without text means. The catalogue has
// a text for each type, with branches where the data differ.
func (c *conversationFold) happened(e *deskside.Event) string {
	name := c.names[e.By]
	switch b := e.Body.(type) {
	case *deskside.Arrived:
		return c.texts.say("line.arrived."+string(b.Role), "name", c.names[b.Participant])
	case *deskside.Left:
		return c.texts.say("line.left", "name", c.names[b.Participant])
	case *deskside.Returned:
		return c.texts.say("line.returned", "name", c.names[b.Participant])
	case *deskside.Knocked:
		return c.texts.say("line.knocked", "check", b.Check)
	case *deskside.Invited:
		if b.Invitation != "" {
			c.invited[b.Invitation] = b
			return c.texts.say("line.invitation."+string(b.Via), "name", name, "to", b.To)
		}
		return c.texts.say("line.invited."+string(b.Via), "name", name)
	case *deskside.InvitationMoved:
		invited := c.invited[b.Invitation]
		return c.texts.say("line.invitation."+string(b.State), "via", string(invited.Via), "to", invited.To, "why", string(b.Why))
	case *deskside.Ended:
		return c.texts.say("line.ended."+string(b.Reason), "name", name)
	case *deskside.Rated:
		return c.texts.say("line.rated."+string(b.Rating), "name", name)
	}
	return c.texts.say("line."+e.Body.Type(), append(c.fields(e.Body), "name", name)...)
}

// fields are what an event says, as its text names it; the agent, if any, by
// their name.
func (c *conversationFold) fields(b deskside.Body) []any {
	values := map[string]any{"agent": ""}
	if encoded, err := json.Marshal(b); err == nil {
		_ = json.Unmarshal(encoded, &values)
	}
	if agent := fmt.Sprint(values["agent"]); agent != "" {
		values["agent"] = cmp.Or(c.names[deskside.ParticipantID(agent)], c.texts.say("who.agent"))
	}
	var pairs []any
	for key, value := range values {
		pairs = append(pairs, key, value)
	}
	return pairs
}
