package helper

import (
	"context"
	"encoding/json"
	"errors"
	"image"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// working is a session of the helper whose server is the test. What it says
// stays in its link.
func working(t *testing.T, d *desk) *session {
	t.Helper()
	server := &url.URL{Scheme: "https", Host: "support.example.org"}
	s := &session{
		opt: Options{Ticket: Ticket{Server: server}, Out: io.Discard}, window: openTestWindow(t), view: View{Phase: "ask"},
		dev: d.dev, link: newLink(server, "T"), guard: d.Guard,
	}
	s.aim.s = s
	return s
}

// TestALongTextEnds types much, and ends that in the middle.
func TestALongTextEnds(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*session, context.CancelFunc)
		most int
	}{
		"the program is told to end":  {func(_ *session, cancel context.CancelFunc) { cancel() }, 2},
		"the person presses stop":     {func(s *session, _ context.CancelFunc) { s.window.Commands <- Command{Do: "stop"} }, 2},
		"the keys that stop":          {func(s *session, _ context.CancelFunc) { s.dev.(*recorder).events <- device.StopPressed }, 2},
		"the person uses their mouse": {func(s *session, _ context.CancelFunc) { s.dev.(*recorder).events <- device.Acted }, 2},
		"the agent is gone": {func(s *session, _ context.CancelFunc) {
			s.link.heard <- heard{state: &State{Agent: "ada", On: true, Screen: 7, Here: true}}
		}, 500},
	} {
		t.Run(name, func(t *testing.T) {
			d := on(Choice{})
			d.dev.events = make(chan device.Event, 1)
			d.Guard.now = time.Now
			s := working(t, d)
			for range maxTodo {
				d.add(control.Text{Text: strings.Repeat("a", 10*slice)})
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			typed := 0
			d.dev.check = func(string) {
				if typed++; typed == 1 {
					c.end(s, cancel)
				}
				time.Sleep(time.Millisecond)
			}
			if err := s.work(ctx); !errors.Is(err, errStopped) {
				t.Errorf("it ended with %v", err)
			}
			if typed > c.most {
				t.Errorf("typed %d times", typed)
			}
		})
	}
}

// TestNotNow says no while the system's settings don't allow control yet.
func TestNotNow(t *testing.T) {
	s := &session{opt: Options{Open: func(context.Context) (device.Device, error) { return nil, device.ErrPermission }}, window: openTestWindow(t)}
	s.window.Commands <- Command{Do: "decline"}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := s.run(ctx); !errors.Is(err, errDeclined) {
		t.Errorf("it ended with %v", err)
	}
}

// said returns the types of what a session said to its server.
func said(t *testing.T, s *session) (types []string) {
	t.Helper()
	for {
		select {
		case b := <-s.link.say:
			var what struct{ Type, Participant string }
			if b[0] == '{' {
				if err := json.Unmarshal(b, &what); err != nil {
					t.Fatal(err)
				}
				types = append(types, strings.TrimSpace(what.Type+" "+what.Participant))
			}
		default:
			return types
		}
	}
}

// TestAllowIsSaidAgain loses the connection before the server knows.
func TestAllowIsSaidAgain(t *testing.T) {
	s := working(t, newDesk())
	waits, knows := State{Agent: "ada", Screen: 7, Here: true}, State{Agent: "ada", Screen: 7, Here: true, On: true}
	hear := func(h heard) {
		if err := s.hear(h); err != nil {
			t.Fatal(err)
		}
	}
	hear(heard{state: &waits})
	for i, c := range []struct {
		does func()
		want []string
	}{
		{func() { _ = s.command(Command{Do: "allow", Agent: "ada"}) }, []string{"allow-control ada"}},
		{func() { _ = s.command(Command{Do: "allow", Agent: "ada"}) }, nil},
		{func() { hear(heard{state: &waits}) }, nil},
		{func() { hear(heard{lost: true}) }, nil},
		{func() { hear(heard{state: &waits}) }, []string{"allow-control ada"}},
		{func() { hear(heard{lost: true}); hear(heard{state: &knows}) }, nil},
	} {
		c.does()
		if got := said(t, s); !slices.Equal(got, c.want) {
			t.Errorf("%d: said %v, want %v", i, got, c.want)
		}
	}
}

// TestHostileServer lets the server claim what it likes before the person has
// allowed anything, with an agent's page that plays along.
func TestHostileServer(t *testing.T) {
	d := newDesk()
	s := working(t, d)
	d.dev.content = device.Content{Text: "secret"}
	wishes := []control.Message{control.Move{}, control.Press{Down: true}, press(4, true), control.Text{Text: "rm"}, control.Fetch{}, control.Piece{ID: 1, Total: 1, Data: []byte("x")}}
	claims := []string{
		`{"type":"state","agent":"ada","on":true,"screen":7,"agentHere":true,"here":true}`,
		`{"type":"state","agent":"ada","on":true,"screen":7,"agentHere":true,"here":true,"allowed":true,"clipboard":true,"choice":{"agent":"ada"}}`,
		`{"type":"paired","agent":"ada","allowed":true}`, `{"type":"allow-control","participant":"ada","on":true}`, `{"type":"allow","do":"allow","agent":"ada"}`,
		`{"type":"ack","id":"1"}`, `{"type":"aimed","aim":"{\"found\":[{\"id\":1,\"left\":0,\"top\":0,\"right\":1,\"bottom\":1}]}"}`,
		`{"type":"error","problem":{"detail":"Press Allow."}}`, `{"type":"state","agent":"ada","on":true,"screen":8,"agentHere":true,"here":true}`,
	}
	for range 2 {
		for _, claim := range claims {
			s.link.take(t.Context(), []byte(claim))
			for len(s.link.heard) > 0 {
				if err := s.hear(<-s.link.heard); err != nil {
					t.Fatalf("%s ends it: %v", claim, err)
				}
			}
			d.Proven(d.server.Screen, image.Rect(0, 0, 100, 100))
			d.says(wishes...)
			d.ClipboardChanged()
			s.settle()
			d.pass(rest)
		}
	}
	if len(d.dev.done) != 0 || s.view.Phase == "on" {
		t.Errorf("without being allowed, in phase %s, done are %v", s.view.Phase, d.dev.done)
	}
	if got := said(t, s); len(got) != 0 {
		t.Errorf("said %v", got)
	}
}

// TestByClick leaves control with the person until they press Go on.
func TestByClick(t *testing.T) {
	d := newDesk()
	s := working(t, d)
	state := State{Agent: "ada", Screen: 7, Here: true, AgentHere: true}
	do := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
		s.settle()
	}
	do(s.hear(heard{state: &state}))
	do(s.command(Command{Do: "allow", Agent: "ada", ByClick: true}))
	on := state
	on.On = true
	do(s.hear(heard{state: &on}))
	d.Proven(7, image.Rect(0, 0, 100, 100))
	said(t, s)
	do(s.happened(device.Acted))
	d.pass(10 * rest)
	if do(nil); s.view.Mode != "theirs" || !s.view.ByClick {
		t.Errorf("the window shows %+v", s.view)
	}
	do(s.command(Command{Do: "resume"}))
	if s.view.Mode != "on" {
		t.Errorf("after Go on, the window shows %q", s.view.Mode)
	}
	if got := said(t, s); len(got) != 0 {
		t.Errorf("said %v: nothing was paused", got)
	}
}

// TestRestart goes on as administrator, if the system lets it.
func TestRestart(t *testing.T) {
	s := working(t, on(Choice{}))
	restart := Command{Do: "restart"}
	if err := s.command(restart); err != nil {
		t.Errorf("where there is no such thing: %v", err)
	}
	s.opt.Elevate = func([]string) error { return errors.New("refused") }
	if err := s.command(restart); err != nil || s.view.Trouble != "refused" {
		t.Errorf("refused: %v, shown is %q", err, s.view.Trouble)
	}
	var args []string
	s.opt.Elevate = func(a []string) error { args = a; return nil }
	if err := s.command(restart); !errors.Is(err, errRestarted) {
		t.Errorf("restarted: %v", err)
	}
	if want := []string{"-server", "https://support.example.org", "-resume", "T"}; !slices.Equal(args, want) {
		t.Errorf("started with %q, want %q", args, want)
	}
	s.lastWords(errRestarted, true)
	if got := said(t, s); len(got) != 0 {
		t.Errorf("said %v: control is to go on", got)
	}
	again := &session{opt: Options{Ticket: s.opt.Ticket, Token: "T"}}
	if p, err := again.pair(t.Context()); err != nil || p.Token != "T" {
		t.Errorf("the new one is paired as %+v, %v", p, err)
	}
}
