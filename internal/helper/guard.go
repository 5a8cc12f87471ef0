// Package helper is the small program with which an end-user lets an agent
// control their computer.
//
// A [Guard] decides what is carried out: only what the person at the computer
// has allowed in the helper's own window, for the agent whom it named, on the
// screen that was proven to be the one in the picture, and only until the
// person takes it back. Server and agent can ask, and take away; nothing that
// they say can add to it.
package helper

import (
	"errors"
	"image"
	"slices"
	"time"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

const (
	// rest is how long the person's own mouse and keys have to rest before the
	// agent's move again.
	rest = 3 * time.Second
	// holdOn is how long keys and buttons stay down without a word from the
	// agent's page.
	holdOn = time.Second
	// sayEvery is how often the agent's page hears how things are.
	sayEvery = time.Second
	// slice is how many characters are typed at once, so that whoever stops is
	// not kept waiting.
	slice = 16
	// maxTodo bounds what waits to be carried out.
	maxTodo = 4096
)

// A Choice is what the person allows.
type Choice struct {
	Agent     string // whom
	Clipboard bool   // and to share the clipboards
	Automatic bool   // the person's clipboard goes to the agent when it changes
	ByClick   bool   // after own use, control comes back by a click, not by rest
}

// A Guard stands between what is asked for and the device. It is used from one
// goroutine.
type Guard struct {
	dev    device.Device
	now    func() time.Time
	stream *control.Stream

	choice  Choice
	allowed bool
	paused  bool
	stopped bool
	acted   time.Time // when the person used mouse or keyboard last; zero once that is over
	since   time.Time // when it was allowed

	server *State // what it said last; nil while it is out of reach
	screen int64  // of which area was proven; 0 for none
	area   image.Rectangle
	blind  bool // it could not be found

	mode     control.Mode // as of the last settle
	told     time.Time    // when the agent's page heard of it
	heard    time.Time    // when the agent's page was heard
	todo     []control.Message
	keys     []device.Press // what is down, in order
	buttons  []control.Button
	owed     owed
	clips    clips
	noticed  time.Time
	elevated bool // a window was met that needs more rights than the helper has
}

// NewGuard returns a guard that allows nothing.
func NewGuard(dev device.Device, now func() time.Time) *Guard {
	return &Guard{dev: dev, now: now, stream: control.NewStream()}
}

// Allow is the person's: what they chose counts from now on, and can't be made
// more by allowing again.
func (g *Guard) Allow(c Choice) {
	if g.allowed || g.stopped || g.server == nil || c.Agent == "" || g.server.Agent != c.Agent {
		return
	}
	g.choice, g.allowed, g.paused, g.since = c, true, false, g.now()
	g.settle()
}

// Pause is the person's: nothing is carried out until they go on.
func (g *Guard) Pause(on bool) {
	g.paused = on
	g.acted = time.Time{}
	g.settle()
}

// Resume is the person's, who has used their mouse and lets the agent go on.
func (g *Guard) Resume() {
	g.acted = time.Time{}
	g.settle()
}

// Stop is the person's, and for good.
func (g *Guard) Stop() {
	g.stopped, g.allowed = true, false
	g.settle()
}

// Acted is told when the person used their mouse or keyboard.
func (g *Guard) Acted() {
	if g.mode == control.On || g.mode == control.Theirs {
		g.acted = g.now()
		g.settle()
	}
}

// Server takes what the server says; nil when it is out of reach.
func (g *Guard) Server(s *State) {
	if s != nil && g.allowed && (s.Over || s.Agent != g.choice.Agent || g.server != nil && g.server.On && !s.On) {
		g.stopped, g.allowed = true, false // over, or for somebody else, who has to ask
	}
	if s != nil && s.Screen != g.screen {
		g.screen, g.blind = 0, false
	}
	g.server = s
	g.settle()
}

// Proven says which area the picture with the number shows.
func (g *Guard) Proven(screen int64, area image.Rectangle) {
	if g.server == nil || g.server.Screen != screen || area.Empty() {
		return
	}
	g.screen, g.area, g.blind = screen, area, false
	g.settle()
}

// Unproven says that it has to be looked for again; blind, that it was looked
// for in vain.
func (g *Guard) Unproven(blind bool) {
	g.screen, g.blind = 0, blind
	g.settle()
}

// Mode says what is done with input now.
func (g *Guard) Mode() control.Mode {
	s := g.server
	switch {
	case !g.allowed || g.stopped || s == nil || !s.On || s.Over || s.Agent != g.choice.Agent:
		return control.Off
	case g.paused:
		return control.Paused
	case s.Screen == 0 || s.Frozen || !s.Here:
		return control.Blind
	case g.screen != s.Screen && g.blind:
		return control.Blind
	case g.screen != s.Screen:
		return control.Aiming
	case !g.acted.IsZero() && (g.choice.ByClick || g.now().Sub(g.acted) < rest):
		return control.Theirs
	}
	return control.On
}

// settle does what a change of mode asks for: where nothing may be carried out
// any more, nothing stays down, nothing waits, and nothing more of a clipboard
// leaves.
func (g *Guard) settle() {
	mode := g.Mode()
	if mode == control.On {
		g.acted = time.Time{}
	} else {
		g.release()
	}
	if !g.shares(mode) {
		g.clips.forget()
	}
	if mode != g.mode {
		g.mode = mode
		g.say()
	}
}

func (g *Guard) say() {
	g.told = g.now()
	if g.choice.Agent == "" {
		return
	}
	g.stream.Queue(control.State{Mode: g.mode, Clipboard: g.allowed && g.choice.Clipboard, Automatic: g.allowed && g.choice.Clipboard && g.choice.Automatic})
}

// Frame takes what an agent's page says.
func (g *Guard) Frame(b []byte) {
	messages, began, err := g.stream.Receive(b)
	if err != nil {
		return // of a newer page, or nonsense: not for us
	}
	g.heard = g.now()
	if began { // another page, which holds nothing down
		g.release()
		g.clips.forget()
		g.say()
	}
	for _, m := range messages {
		switch m := m.(type) {
		case control.Alive:
		case control.Release:
			g.release()
		case control.Piece, control.Fetch:
			g.clip(m)
		case control.Move:
			if n := len(g.todo); n > 0 {
				if _, ok := g.todo[n-1].(control.Move); ok {
					g.todo[n-1] = m // only the newest place counts
					continue
				}
			}
			g.add(m)
		default:
			g.add(m)
		}
	}
}

func (g *Guard) add(m control.Message) {
	if g.Mode() == control.On && len(g.todo) < maxTodo {
		g.todo = append(g.todo, m)
	}
}

// Step carries out one thing of what waits, and says whether more does.
func (g *Guard) Step() (more bool) {
	g.settle()
	g.handOver()
	if g.mode != control.On || len(g.todo) == 0 {
		return false
	}
	m := g.todo[0]
	g.todo = g.todo[1:]
	err := g.carryOut(m)
	if errors.Is(err, device.ErrLater) {
		return false
	}
	g.fail(err)
	return len(g.todo) > 0
}

func (g *Guard) carryOut(m control.Message) error {
	switch m := m.(type) {
	case control.Move:
		return g.dev.Move(g.place(m.At))
	case control.Press:
		return g.press(m)
	case control.Wheel:
		if err := g.dev.Move(g.place(m.At)); err != nil {
			return err
		}
		return g.dev.Wheel(int(m.Right), int(m.Down))
	case control.Stroke:
		return g.stroke(device.Press{Key: m.Key, Char: m.Char, Down: m.Down})
	case control.Text:
		runes := []rune(m.Text)
		if len(runes) > slice { // the rest waits its turn
			g.todo = slices.Insert(g.todo, 0, control.Message(control.Text{Text: string(runes[slice:])}))
			runes = runes[:slice]
		}
		err := g.dev.Text(string(runes))
		if errors.Is(err, device.ErrLater) {
			var later device.Later
			errors.As(err, &later)
			g.todo = slices.Insert(g.todo, 0, control.Message(control.Text{Text: string(runes[later.Typed:])}))
		}
		return err
	}
	return nil
}

// place maps a place of the picture to the pixel of the screen that it shows.
func (g *Guard) place(p control.Place) image.Point {
	at := func(v uint16, from, size int) int { return from + min(int(v)*size/65535, size-1) }
	return image.Pt(at(p.X, g.area.Min.X, g.area.Dx()), at(p.Y, g.area.Min.Y, g.area.Dy()))
}

func (g *Guard) press(m control.Press) error {
	if err := g.dev.Move(g.place(m.At)); err != nil {
		return err
	}
	held := slices.Contains(g.buttons, m.Button)
	if held == m.Down {
		return nil
	}
	if err := g.dev.Button(m.Button, m.Down); err != nil {
		return err
	}
	same := func(b control.Button) bool { return b == m.Button }
	g.owed.buttons = slices.DeleteFunc(g.owed.buttons, same)
	if m.Down {
		g.buttons = append(g.buttons, m.Button)
	} else {
		g.buttons = slices.DeleteFunc(g.buttons, same)
	}
	return nil
}

func (g *Guard) stroke(p device.Press) error {
	same := func(q device.Press) bool { return q.Key == p.Key }
	if slices.ContainsFunc(g.keys, same) == p.Down {
		return nil // held already, and repeated by the system; or never pressed
	}
	if err := g.dev.Key(p); err != nil {
		return err
	}
	g.owed.keys = slices.DeleteFunc(g.owed.keys, same)
	if p.Down {
		g.keys = append(g.keys, p)
	} else {
		g.keys = slices.DeleteFunc(g.keys, same)
	}
	return nil
}

// owed is what has to be let go of, and could not be just then: Windows takes
// nothing while a window with more rights is active.
type owed struct {
	keys    []device.Press
	buttons []control.Button
}

// release lets go of everything, the last first, and forgets what waits.
func (g *Guard) release() {
	g.todo = nil
	g.owed.keys = append(g.owed.keys, g.keys...)
	g.owed.buttons = append(g.owed.buttons, g.buttons...)
	g.keys, g.buttons = nil, nil
	g.letGo()
}

// letGo lets go of what is owed, as far as the system lets it.
func (g *Guard) letGo() {
	var still owed
	for _, p := range slices.Backward(g.owed.keys) {
		p.Down = false
		if g.dev.Key(p) != nil {
			still.keys = append(still.keys, p)
		}
	}
	for _, b := range slices.Backward(g.owed.buttons) {
		if g.dev.Button(b, false) != nil {
			still.buttons = append(still.buttons, b)
		}
	}
	g.owed = still
}

// fail tells the agent's page that something was not carried out.
func (g *Guard) fail(err error) {
	if err == nil {
		return
	}
	why := control.Failed
	switch {
	case errors.Is(err, device.ErrElevated):
		why, g.elevated = control.Elevated, true
	case errors.Is(err, device.ErrReserved):
		why = control.Reserved
	case errors.Is(err, device.ErrUnsupported), errors.Is(err, device.ErrPermission):
		why = control.Unsupported
	}
	g.notice(why)
}

// notice says why, but not so often that nobody could read it.
func (g *Guard) notice(why control.Why) {
	if g.now().Sub(g.noticed) < time.Second {
		return
	}
	g.noticed = g.now()
	g.stream.Queue(control.Notice{Why: why})
}

// Tick does what time brings.
func (g *Guard) Tick() {
	g.settle()
	g.letGo()
	now := g.now()
	silent := len(g.keys)+len(g.buttons) > 0 && now.Sub(g.heard) > holdOn
	if silent || g.server != nil && !g.server.AgentHere { // a long text ends with who sent it
		g.release()
	}
	if now.Sub(g.told) >= sayEvery && g.server != nil && g.server.On {
		g.say()
	}
}

// Out returns what is to go to the agent's page now.
func (g *Guard) Out() [][]byte {
	g.clips.fill(g.stream)
	return g.stream.Out(g.now())
}
