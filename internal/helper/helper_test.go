package helper

import (
	"context"
	"errors"
	"io"
	"net/url"
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
