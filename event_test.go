package deskside_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskside"
)

// everyBody has one body of each type, with every field set.
var everyBody = []deskside.Body{
	&deskside.Created{Agent: "ADA", AgentName: "Ada \"<b>\"", Expires: at(60)},
	&deskside.Titled{Title: "Printer"},
	&deskside.ControlWished{On: true},
	&deskside.Invited{Via: "sms", Invitation: "i1", To: "+49…789"},
	&deskside.InvitationMoved{Invitation: "i1", State: "refused", Why: "gateway", Detail: "no credit"},
	&deskside.Doubted{},
	&deskside.KeyAsked{},
	&deskside.KeyExtended{Expires: at(120)},
	&deskside.KeyRenewed{Expires: at(120)},
	&deskside.KeyExpired{},
	&deskside.KeyRevoked{},
	&deskside.Knocked{Participant: guest, Via: deskside.ViaKey, Check: "042"},
	&deskside.Admitted{Participant: guest},
	&deskside.Refused{Participant: guest},
	&deskside.Arrived{Participant: guest, Role: deskside.RoleEndUser, Name: "Grace", Via: deskside.ViaLink},
	&deskside.Left{Participant: guest},
	&deskside.Returned{Participant: guest},
	&deskside.Message{Text: "Grüße 😀\n</script>\u2028", Withdrawn: true},
	&deskside.LinkPushed{URL: "https://example.org/?a=1&b=2", Withdrawn: true},
	&deskside.Noted{Text: "VIP"},
	&deskside.Edited{Message: 7, Text: "Hello", Withdrawn: true},
	&deskside.Withdrawn{Message: 7},
	&deskside.Reacted{Message: 7, Emoji: "👍"},
	&deskside.Attached{File: "f1", Name: "Rechnung.pdf", Size: 2 << 30, MediaType: "application/pdf", Snapshot: true},
	&deskside.FileMoved{File: "f1", State: "refused", SHA256: "00ff", Width: 640, Height: 480, Why: "threat", Threat: "Eicar-Signature"},
	&deskside.FilePreviewed{File: "f1", Preview: true},
	&deskside.Equipped{Screen: true, Camera: true, System: "linux", Browser: "firefox"},
	&deskside.ControlAsked{Of: guest, Relay: "one.example.org"},
	&deskside.ControlPreparing{Agent: ada},
	&deskside.HelperOffered{Offer: "O", Expires: at(20)},
	&deskside.HelperPaired{Helper: "H", System: deskside.Linux},
	&deskside.HelperReached{On: true},
	&deskside.ControlGranted{Agent: ada, Clipboard: true},
	&deskside.ControlDeclined{Agent: ada, Why: deskside.ControlNotNow},
	&deskside.ControlPaused{On: true},
	&deskside.ControlStopped{Why: deskside.ControlByAgent},
	&deskside.ViewAsked{Of: guest, Surface: deskside.SurfaceCamera, Sound: true, Relay: "one.example.org"},
	&deskside.ViewChoosing{Agent: ada},
	&deskside.ViewGranted{Agent: ada, Surface: deskside.SurfaceMonitor, Sound: true},
	&deskside.ViewDeclined{Agent: ada, Why: deskside.ViewPicker},
	&deskside.ViewPaused{On: true},
	&deskside.ViewStopped{Agent: ada, Why: deskside.ViewLost},
	&deskside.Reported{},
	&deskside.Ended{Reason: deskside.EndedAbandoned},
	&deskside.Rated{Rating: deskside.RatingGood},
	&deskside.Summarized{Note: "Cable.", Outcome: deskside.OutcomeResolved, Tags: []string{"printer"}},
}

var sameEvent = cmpopts.IgnoreUnexported(deskside.Event{})

func TestEveryBodyRoundTripsThroughJSON(t *testing.T) {
	for _, body := range everyBody {
		t.Run(body.Type(), func(t *testing.T) {
			if v := reflect.ValueOf(body).Elem(); v.NumField() > 0 && hasZeroField(v) {
				t.Fatalf("this test has to set every field: %+v", body)
			}
			was := deskside.Event{Seq: 7, At: at(5).Add(120 * time.Millisecond), By: ada, ID: `r"1`, Body: body}
			if err := was.Encode(); err != nil {
				t.Fatal(err)
			}
			var is deskside.Event
			if err := json.Unmarshal(was.JSON(), &is); err != nil {
				t.Fatalf("%s: %v", was.JSON(), err)
			}
			if diff := cmp.Diff(was, is, sameEvent); diff != "" {
				t.Errorf("(-was +is):\n%s", diff)
			}
			if string(is.JSON()) != string(was.JSON()) {
				t.Errorf("kept %s of %s", is.JSON(), was.JSON())
			}
			generic, err := json.Marshal(is)
			if err != nil || string(generic) != string(was.JSON()) {
				t.Errorf("json.Marshal makes %s (%v) of %s", generic, err, was.JSON())
			}
		})
	}
}

func hasZeroField(v reflect.Value) bool {
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			return true
		}
	}
	return false
}

// TestEveryBodyIsTested finds the bodies in the source: the types with a
// method Type.
func TestEveryBodyIsTested(t *testing.T) {
	var decls []ast.Decl
	for _, name := range []string{"event.go", "view.go", "control.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		decls = append(decls, file.Decls...)
	}
	tested := make(map[string]bool)
	for _, b := range everyBody {
		tested[reflect.TypeOf(b).Elem().Name()] = true
	}
	found := 0
	for _, d := range decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "Type" || f.Recv == nil {
			continue
		}
		name := f.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name
		if name == "Later" {
			continue // stands for those that are not here
		}
		found++
		if !tested[name] {
			t.Errorf("%s is missing in everyBody", name)
		}
	}
	if found != len(everyBody) {
		t.Errorf("the source has %d bodies, everyBody %d", found, len(everyBody))
	}
}

func TestJSONFormOfAnEvent(t *testing.T) {
	zone := time.FixedZone("", 3600)
	for _, c := range []struct {
		event deskside.Event
		want  string
	}{
		{deskside.Event{Seq: 7, At: time.Date(2026, 11, 23, 15, 5, 9, 120_999_999, zone), By: "G", ID: "r", Body: &deskside.Message{Text: "Hello"}},
			`{"seq":7,"at":"2026-11-23T14:05:09.120Z","by":"G","id":"r","type":"message","data":{"text":"Hello"}}`},
		{deskside.Event{Seq: 8, At: start, Body: &deskside.KeyExpired{}},
			`{"seq":8,"at":"2026-11-23T14:00:00.000Z","type":"key-expired","data":{}}`},
	} {
		got, err := json.Marshal(c.event)
		if err != nil || string(got) != c.want {
			t.Errorf("%s, %v\nwant %s", got, err, c.want)
		}
	}
}

func TestWhatIsNoEventIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":        `{}`,
		"no type":        `{"seq":1,"at":"2026-11-23T14:00:00.000Z","data":{}}`,
		"unknown type":   `{"seq":1,"at":"2026-11-23T14:00:00.000Z","type":"exploded"}`,
		"no data":        `{"seq":1,"at":"2026-11-23T14:00:00.000Z","type":"message"}`,
		"wrong data":     `{"seq":1,"at":"2026-11-23T14:00:00.000Z","type":"message","data":{"text":7}}`,
		"data is a list": `{"seq":1,"at":"2026-11-23T14:00:00.000Z","type":"message","data":[]}`,
		"no time":        `{"seq":1,"at":"yesterday","type":"key-expired","data":{}}`,
		"number as text": `{"seq":"1","at":"2026-11-23T14:00:00.000Z","type":"key-expired","data":{}}`,
	} {
		if err := json.Unmarshal([]byte(text), new(deskside.Event)); err == nil {
			t.Errorf("%s: %s was read", name, text)
		}
	}
}

// TestWhatALaterVersionStored: it keeps its place and its form, changes
// nothing, and is not shown to everybody.
func TestWhatALaterVersionStored(t *testing.T) {
	const text = `{"seq":3,"at":"2026-11-23T14:00:00.000Z","by":"ADA","id":"r","type":"exploded","data":{"how":["loudly"]}}`
	var e deskside.Event
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	if e.Audience().Sees(deskside.RoleEndUser) || !e.Audience().Sees(deskside.RoleAgent) {
		t.Error("an end-user sees it, or an agent does not")
	}
	again := deskside.Event{Seq: e.Seq, At: e.At, By: e.By, ID: e.ID, Body: e.Body}
	if got, err := json.Marshal(again); err != nil || string(got) != text {
		t.Errorf("%s, %v\nwant %s", got, err, text)
	}
	s := said()
	before := s.Number
	e.Seq = before + 1
	s.Apply(&e)
	if s.Number != before+1 {
		t.Errorf("number %d after %d", s.Number, before)
	}
}

// TestWhatOnlyAgentsSee names what an end-user gets; the rest is for agents.
func TestWhatOnlyAgentsSee(t *testing.T) {
	forAll := map[string]bool{
		"created": true, "arrived": true, "left": true, "returned": true, "message": true, "link": true,
		"edited": true, "withdrawn": true, "reacted": true, "ended": true, "rated": true,
		"file": true, "file-moved": true, "file-preview": true, "reported": true, "equipped": true,
		"view-asked": true, "view-choosing": true, "view-granted": true, "view-declined": true, "view-paused": true, "view-stopped": true,
		"control-asked": true, "control-preparing": true, "helper-offered": true, "helper-paired": true, "helper-reached": true,
		"control-granted": true, "control-declined": true, "control-paused": true, "control-stopped": true,
	}
	for _, body := range everyBody {
		e := deskside.Event{Body: body}
		if got := e.Audience().Sees(deskside.RoleEndUser); got != forAll[body.Type()] {
			t.Errorf("an end-user sees %s: %v", body.Type(), got)
		}
		if !e.Audience().Sees(deskside.RoleAgent) {
			t.Errorf("an agent does not see %s", body.Type())
		}
	}
}

func FuzzEvent(f *testing.F) {
	for _, body := range everyBody {
		e := deskside.Event{Seq: 7, At: start, By: guest, ID: "r", Body: body}
		if err := e.Encode(); err != nil {
			f.Fatal(err)
		}
		f.Add(e.JSON())
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var e deskside.Event
		if json.Unmarshal(text, &e) != nil {
			return
		}
		again := deskside.Event{Seq: e.Seq, At: deskside.Timestamp(e.At), By: e.By, ID: e.ID, Body: e.Body}
		if y := again.At.Year(); y < 0 || y > 9999 {
			return // RFC 3339 has no such year; a zone can lead there
		}
		if err := again.Encode(); err != nil {
			return // a time within the body has no such year either
		}
		var back deskside.Event
		if err := json.Unmarshal(again.JSON(), &back); err != nil {
			t.Fatalf("%s became %s: %v", text, again.JSON(), err)
		}
		if diff := cmp.Diff(again, back, sameEvent, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s (-was +is):\n%s", text, diff)
		}
	})
}
