package helper

import (
	"context"
	"encoding/json"
	"errors"
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
