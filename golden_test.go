package deskside_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
)

// folded is what both folds of a log, the server's and the browser's, have to
// agree on. web/src/lib/conversation.test.ts reads the same files.
type folded struct {
	Number        int64               `json:"number"`
	State         deskside.State      `json:"state"`
	Title         string              `json:"title"`
	ControlWished bool                `json:"controlWished"`
	Expires       string              `json:"expires"`
	Started       string              `json:"started"`
	Ended         string              `json:"ended"`
	EndReason     deskside.EndReason  `json:"endReason"`
	Participants  []foldedParticipant `json:"participants"`
	Rating        deskside.Rating     `json:"rating"`
	Note          string              `json:"note"`
	Outcome       deskside.Outcome    `json:"outcome"`
	Tags          []string            `json:"tags"`
	Files         []foldedFile        `json:"files,omitempty"`
	View          *foldedView         `json:"view,omitempty"`
	Control       *foldedControl      `json:"control,omitempty"`
}

type foldedControl struct {
	Phase     deskside.ControlPhase  `json:"phase"`
	Agent     deskside.ParticipantID `json:"agent"`
	Of        deskside.ParticipantID `json:"of"`
	Paired    bool                   `json:"paired"`
	System    deskside.System        `json:"system"`
	Reached   bool                   `json:"reached"`
	Since     string                 `json:"since"`
	Clipboard bool                   `json:"clipboard"`
	Paused    bool                   `json:"paused"`
	Whole     bool                   `json:"whole"`
}

type foldedView struct {
	EndUser  deskside.ParticipantID   `json:"endUser"`
	Surface  deskside.Surface         `json:"surface"`
	Sound    bool                     `json:"sound"`
	Paused   bool                     `json:"paused"`
	Since    string                   `json:"since"`
	Watchers []deskside.ParticipantID `json:"watchers"`
	Asks     []foldedAsk              `json:"asks"`
}

type foldedAsk struct {
	Agent    deskside.ParticipantID `json:"agent"`
	Of       deskside.ParticipantID `json:"of"`
	Sound    bool                   `json:"sound"`
	Choosing bool                   `json:"choosing"`
}

type foldedFile struct {
	ID       deskside.FileID        `json:"id"`
	By       deskside.ParticipantID `json:"by"`
	Name     string                 `json:"name"`
	State    deskside.FileState     `json:"state"`
	SHA256   string                 `json:"sha256"`
	Picture  bool                   `json:"picture"`
	Preview  bool                   `json:"preview"`
	Snapshot bool                   `json:"snapshot,omitempty"`
}

type foldedParticipant struct {
	ID       deskside.ParticipantID `json:"id"`
	Role     deskside.Role          `json:"role"`
	Name     string                 `json:"name"`
	Standing deskside.Standing      `json:"standing"`
	Via      deskside.Via           `json:"via"`
}

// listed is what only the server folds, for its lists.
type listed struct {
	Unanswered int    `json:"unanswered"`
	LastText   string `json:"lastText"`
}

type golden struct {
	Events []deskside.Event `json:"events"`
	Want   folded           `json:"want"`
	Lists  listed           `json:"lists"`
}

func TestFoldGolden(t *testing.T) {
	missing := make(map[string]bool)
	for _, b := range deskside.Bodies() {
		missing[b.Type()] = true
	}
	for name, g := range readGolden(t) {
		t.Run(name, func(t *testing.T) {
			want, lists := fold(g.Events)
			if diff := cmp.Diff(g.Want, want); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(g.Lists, lists); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
		for i := range g.Events {
			delete(missing, g.Events[i].Body.Type())
		}
	}
	if len(missing) > 0 {
		t.Errorf("no golden file has %v", missing)
	}
}

// readGolden reads the golden files by their names.
func readGolden(t *testing.T) map[string]golden {
	t.Helper()
	files, err := filepath.Glob("testdata/fold/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("golden files: %v, %v", files, err)
	}
	all := make(map[string]golden)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var g golden
		if err := json.Unmarshal(content, &g); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[filepath.Base(file)] = g
	}
	return all
}

// fold folds a log as a server does that reads it right after its last event.
func fold(events []deskside.Event) (folded, listed) {
	var s deskside.Session
	for i := range events {
		s.Apply(&events[i])
	}
	overview := s.Overview(events[len(events)-1].At.Add(time.Millisecond))
	f := folded{
		Number: s.Number, State: overview.State, Title: s.Title, ControlWished: s.ControlWished,
		Expires: stamp(s.KeyExpires), Started: stamp(s.Started), Ended: stamp(s.EndedAt), EndReason: s.Reason,
		Rating: s.Rating, Note: s.Note, Outcome: s.Outcome, Tags: overview.Tags,
	}
	for _, p := range s.Participants() {
		f.Participants = append(f.Participants, foldedParticipant{p.ID, p.Role, p.Name, p.Standing, p.Via})
	}
	for _, a := range s.Files() {
		f.Files = append(f.Files, foldedFile{a.ID, a.By, a.Name, a.State, a.SHA256, a.Picture, a.Preview, a.Snapshot})
	}
	if c := s.Control(); c.Phase != deskside.ControlOff {
		f.Control = &foldedControl{c.Phase, c.Agent, c.Of, c.Helper != "", c.System, c.Reached, stamp(c.Since), c.Clipboard, c.Paused, s.WholeScreen()}
	}
	if v := s.View(); v.EndUser != "" || len(v.Asks) > 0 {
		f.View = &foldedView{v.EndUser, v.Surface, v.Sound, v.Paused, stamp(v.Since), v.Watchers, nil}
		for _, a := range v.Asks {
			f.View.Asks = append(f.View.Asks, foldedAsk{a.Agent, a.Of, a.Sound, a.Choosing})
		}
	}
	return f, listed{s.Unanswered, s.LastText}
}

// stamp writes a time as events do; no time is "".
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04:05.000Z07:00")
}
