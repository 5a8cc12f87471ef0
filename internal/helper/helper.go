package helper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"time"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

const (
	// tick is how often time is looked at.
	tick = 50 * time.Millisecond
	// farewell is how long the window shows that it is over before all of it is
	// gone.
	farewell = 2 * time.Second
)

// Options are what the helper needs of the system that it runs on.
type Options struct {
	Ticket Ticket
	// Token, if set, is the credential of a helper that started this one anew.
	Token string
	// Open opens the screen. ErrPermission is tried again: the person is shown
	// where to allow it.
	Open func(context.Context) (device.Device, error)
	// Permit opens the system's own question for that permission; nil where
	// there is none.
	Permit func()
	// Elevate starts the helper again with the rights of an administrator, by
	// the system's own question; nil where there is no such thing.
	Elevate func(args []string) error
	// Browse shows an address in the person's browser.
	Browse func(address string) error
	// Guard makes sure that nothing stays down if this program is killed, until
	// stop is called; nil where the system sees to it.
	Guard func() (stop func(), err error)
	Out   io.Writer // the terminal, where there is one
}

// Run is the helper, from its start until there is nothing more to do. over
// says that the program is not needed any more; the error is why it could not
// begin.
func Run(ctx context.Context, opt Options) (over bool, err error) {
	w, err := openWindow()
	if err != nil {
		return false, err
	}
	defer w.close()
	fmt.Fprintf(opt.Out, "Deskside Helper\nIts window is at %s\n", w.address)
	s := &session{opt: opt, window: w, view: View{Phase: "code"}}
	if opt.Ticket.Server != nil {
		s.view.Server = opt.Ticket.Server.Host
	}
	s.draw()
	if err := opt.Browse(w.address); err != nil {
		fmt.Fprintf(opt.Out, "No browser could be opened (%v): open that address yourself.\n", err)
	}
	err = s.run(ctx)
	s.end(err)
	return !errors.Is(err, errRestarted), nil
}

// A session is the helper at work for one session.
type session struct {
	opt    Options
	window *window
	view   View
	dev    device.Device
	link   *link
	guard  *Guard
	aim    aim
	framed image.Rectangle
	asked  bool // the server was told that it is allowed, on this connection
}

func (s *session) draw() { s.window.show(s.view) }

// run is everything up to the end, whose reason it returns; nil where the
// person themselves ended it.
func (s *session) run(ctx context.Context) error {
	if err := s.open(ctx); err != nil {
		return err
	}
	pairing, err := s.pair(ctx)
	if err != nil {
		return err
	}
	if s.opt.Guard != nil {
		stop, err := s.opt.Guard()
		if err != nil {
			return err
		}
		defer stop()
	}
	s.guard = NewGuard(s.dev, time.Now)
	s.aim.s = s
	s.link = newLink(s.opt.Ticket.Server, pairing.Token)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	linked := make(chan struct{})
	go func() {
		defer close(linked)
		s.link.run(ctx)
	}()
	s.view.Phase, s.view.Agent, s.view.Organisation = "ask", pairing.Agent, pairing.Organisation
	s.draw()
	err = s.work(ctx)
	on := s.view.Phase == "on"
	s.guard.Stop() // first of all: the rest may take its time
	s.lastWords(err, on)
	cancel()
	<-linked
	return err
}

// lastWords tells the server that the person ended it, if they did.
func (s *session) lastWords(why error, on bool) {
	switch {
	case !errors.Is(why, errStopped) && !errors.Is(why, errDeclined):
		return
	case on:
		s.link.request("stop-control", map[string]any{"why": "end-user"})
	default:
		s.link.request("decline-control", map[string]any{"why": "helper"})
	}
	for _, frame := range s.guard.Out() {
		s.link.send(frame)
	}
	for wait := time.Now().Add(time.Second); len(s.link.say) > 0 && time.Now().Before(wait); {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond) // for the last of them to be on its way
}

// open opens the screen, as soon as the system's settings allow it.
func (s *session) open(ctx context.Context) (err error) {
	for asked := false; ; asked = true {
		if s.dev, err = s.opt.Open(ctx); !errors.Is(err, device.ErrPermission) {
			break
		}
		if !asked && s.opt.Permit != nil {
			s.opt.Permit()
		}
		s.view.Permission = true
		s.draw()
		select {
		case c := <-s.window.Commands:
			if c.Do == "stop" || c.Do == "decline" {
				return errDeclined
			}
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err != nil {
		return fmt.Errorf("this screen can't be controlled: %w", err)
	}
	s.view.Permission = false
	s.view.System, s.view.StopKeys = s.dev.System(), s.dev.StopKeys()
	return nil
}

// errDeclined ends the helper of somebody who does not want it.
var errDeclined = errors.New("declined")

// pair finds the session: by the name of the program, or by what is typed.
func (s *session) pair(ctx context.Context) (p Pairing, err error) {
	t := &s.opt.Ticket
	if t.Server != nil && s.opt.Token != "" {
		s.view.Server = t.Server.Host
		return Pairing{Token: s.opt.Token}, nil
	}
	for {
		if t.Server != nil && t.Code != "" {
			s.view.Phase, s.view.Server, s.view.Trouble = "pairing", t.Server.Host, ""
			s.draw()
			if p, err = pair(ctx, t.Server, t.Code); err == nil {
				return p, nil
			}
			s.view.Trouble = err.Error()
		}
		s.view.Phase = "code"
		s.draw()
		select {
		case c := <-s.window.Commands:
			switch c.Do {
			case "stop", "decline":
				return p, errDeclined
			case "pair":
				t.Code = c.Code
				if t.Server, err = ParseServer(c.Server); err != nil {
					s.view.Trouble = err.Error()
				}
			}
		case <-ctx.Done():
			return p, ctx.Err()
		}
	}
}

// errStopped is how the person ended it.
var errStopped = errors.New("stopped")

// errRestarted is that another one goes on in its place.
var errRestarted = errors.New("restarted as administrator")

// work goes on until somebody or something ends it.
func (s *session) work(ctx context.Context) error {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		var err error
		if s.guard.Step() { // more waits: who stops comes first
			err = s.poll(ctx, ticker.C)
		} else {
			err = s.wait(ctx, ticker.C)
		}
		if err != nil {
			return err
		}
		s.settle()
	}
}

// poll takes everything that is there.
func (s *session) poll(ctx context.Context, ticks <-chan time.Time) error {
	for {
		var err error
		select {
		case <-ctx.Done():
			return errStopped
		case now := <-ticks:
			s.ticked(now)
		case c := <-s.window.Commands:
			err = s.command(c)
		case e := <-s.dev.Events():
			err = s.happened(e)
		case h := <-s.link.heard:
			err = s.hear(h)
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// wait takes the next thing that comes.
func (s *session) wait(ctx context.Context, ticks <-chan time.Time) error {
	select {
	case <-ctx.Done():
		return errStopped
	case c := <-s.window.Commands:
		return s.command(c)
	case e := <-s.dev.Events():
		return s.happened(e)
	case h := <-s.link.heard:
		return s.hear(h)
	case now := <-ticks:
		s.ticked(now)
	}
	return nil
}

// ticked does what time brings.
func (s *session) ticked(now time.Time) {
	s.guard.Tick()
	s.aim.look(now)
}

func (s *session) command(c Command) error {
	switch c.Do {
	case "allow":
		s.guard.Allow(Choice{Agent: c.Agent, Clipboard: c.Clipboard, Automatic: c.Automatic, ByClick: c.ByClick})
		s.tellAllowed()
	case "decline":
		return errDeclined
	case "pause", "resume":
		on := c.Do == "pause"
		if s.guard.paused != on {
			s.guard.Pause(on)
			s.link.request("pause-control", map[string]any{"on": on})
		}
		s.guard.Resume()
	case "look":
		s.aim.again()
	case "restart":
		if s.opt.Elevate == nil {
			return nil
		}
		if err := s.opt.Elevate([]string{"-server", s.opt.Ticket.Server.String(), "-resume", s.link.token}); err != nil {
			s.view.Trouble = err.Error()
			return nil
		}
		return errRestarted
	case "stop":
		return errStopped
	}
	return nil
}

// tellAllowed tells the server what the person allowed, once on each connection
// until it knows.
func (s *session) tellAllowed() {
	g := s.guard
	if !g.allowed || s.asked || g.server == nil || g.server.On {
		return
	}
	s.asked = true
	s.link.request("allow-control", map[string]any{"participant": g.choice.Agent, "on": g.choice.Clipboard})
}

func (s *session) happened(e device.Event) error {
	switch e {
	case device.Acted:
		s.guard.Acted()
	case device.StopPressed:
		return errStopped
	case device.MonitorsChanged:
		s.aim.again()
	case device.ClipboardChanged:
		s.guard.ClipboardChanged()
	case device.Broken:
		return errors.New("the screen is gone")
	}
	return nil
}

func (s *session) hear(h heard) error {
	switch {
	case h.over != nil:
		return h.over
	case h.lost:
		s.guard.Server(nil)
		s.asked = false // it may have been lost with the connection
	case h.state != nil:
		s.guard.Server(h.state)
		if s.guard.stopped {
			return errOver
		}
		s.tellAllowed()
	case h.aimed != "":
		s.aim.found(h.aimed)
	case h.frame != nil:
		s.guard.Frame(h.frame)
	case h.refuse != "" && s.view.Phase == "ask": // it was not allowed after all
		s.guard.allowed, s.asked = false, false
		s.view.Trouble = h.refuse
	}
	return nil
}

// modes are their names in the window.
var modes = map[control.Mode]string{
	control.Off: "off", control.On: "on", control.Paused: "paused", control.Theirs: "theirs", control.Aiming: "aiming", control.Blind: "blind",
}

// settle shows how things are, here and to the agent.
func (s *session) settle() {
	if !s.link.busy() {
		for _, frame := range s.guard.Out() {
			s.link.send(frame)
		}
	}
	if area := s.guard.shown(); area != s.framed {
		s.framed = area
		if err := s.dev.Frame(area); err != nil && !errors.Is(err, device.ErrUnsupported) {
			fmt.Fprintln(s.opt.Out, "The frame around the screen can't be shown:", err)
		}
	}
	v := &s.view
	if state := s.guard.server; state != nil {
		v.Screen, v.AgentID = state.Screen != 0, state.Agent
		v.Agent, v.Organisation = state.AgentName, state.Organisation
	}
	if s.guard.allowed && s.guard.server != nil && s.guard.server.On {
		v.Phase, v.Trouble = "on", ""
	}
	v.Elevated = s.guard.elevated && s.opt.Elevate != nil
	v.Mode, v.ByClick, v.Clipboard = modes[s.guard.Mode()], s.guard.choice.ByClick, s.guard.choice.Clipboard
	if s.guard.allowed {
		v.Since = s.guard.since.UnixMilli()
	}
	s.draw()
}

// signal says something that is not recorded.
func (s *session) signal(typ, what string) {
	b, err := json.Marshal(map[string]string{"type": typ, "aim": what})
	if err == nil {
		s.link.send(b)
	}
}

// end leaves everything as it was, and says why.
func (s *session) end(why error) {
	if s.guard != nil {
		s.guard.Stop()
	}
	if s.dev != nil {
		s.aim.done()
		_ = s.dev.Frame(image.Rectangle{})
		if err := s.dev.Close(); err != nil {
			fmt.Fprintln(s.opt.Out, "Not everything could be given back:", err)
		}
	}
	s.view.Phase, s.view.Trouble = "over", ""
	if why != nil && !errors.Is(why, errStopped) && !errors.Is(why, errRestarted) && !errors.Is(why, errDeclined) && !errors.Is(why, errOver) {
		s.view.Trouble = why.Error()
		fmt.Fprintln(s.opt.Out, why)
	}
	s.draw()
	time.Sleep(farewell)
}
