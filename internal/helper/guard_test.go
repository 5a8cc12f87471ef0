package helper

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// A recorder is a device that writes down what it is told to do.
type recorder struct {
	done    []string
	down    map[string]bool
	content device.Content
	check   func(what string)
	fail    error
	events  chan device.Event
}

func (r *recorder) did(format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	if r.check != nil {
		r.check(what)
	}
	r.done = append(r.done, what)
	return r.fail
}

func (r *recorder) hold(what string, down bool) error {
	if r.down == nil {
		r.down = make(map[string]bool)
	}
	if down {
		r.down[what] = true
		return r.did("%s down", what)
	}
	if r.fail == nil {
		delete(r.down, what)
	}
	return r.did("%s up", what)
}

func (r *recorder) Monitors() ([]device.Monitor, error) { return nil, nil }
func (r *recorder) Move(at image.Point) error           { return r.did("move %v", at) }
func (r *recorder) Button(b control.Button, down bool) error {
	return r.hold(fmt.Sprint("button ", b), down)
}
func (r *recorder) Wheel(right, down int) error           { return r.did("wheel %d %d", right, down) }
func (r *recorder) Key(p device.Press) error              { return r.hold(p.Key.Code(), p.Down) }
func (r *recorder) Text(s string) error                   { return r.did("text %s", s) }
func (r *recorder) Clipboard(int) (device.Content, error) { return r.content, r.did("read clipboard") }
func (r *recorder) SetClipboard(c device.Content) error   { r.content = c; return r.did("set clipboard") }
func (r *recorder) Show([]device.Mark) (func(), error)    { return func() {}, nil }
func (r *recorder) Frame(image.Rectangle) error           { return nil }
func (r *recorder) Events() <-chan device.Event           { return r.events }
func (r *recorder) StopKeys() string                      { return "" }
func (r *recorder) System() string                        { return "a test" }
func (r *recorder) Close() error                          { return nil }

// A desk is a guard with the agent's page, and a clock that the test moves.
type desk struct {
	*Guard
	dev  *recorder
	page *control.Stream
	at   time.Time
}

func newDesk() *desk {
	d := &desk{dev: &recorder{}, page: control.NewStream(), at: time.Unix(1000, 0)}
	d.Guard = NewGuard(d.dev, func() time.Time { return d.at })
	return d
}

// on is a desk at which Ada controls a screen of 1000 by 500 pixels.
func on(c Choice) *desk {
	d := newDesk()
	s := State{Agent: "ada", Screen: 7, Here: true, AgentHere: true}
	d.Server(&s)
	c.Agent = "ada"
	d.Allow(c)
	s.On = true
	d.Server(&s)
	d.Proven(7, image.Rect(100, 50, 1100, 550))
	return d
}

// says lets the agent's page say something, and carries out what comes of it.
func (d *desk) says(messages ...control.Message) {
	d.page.Queue(messages...)
	for _, frame := range d.page.Out(d.at) {
		d.Frame(frame)
	}
	for d.Step() {
	}
}

// hears returns what the agent's page hears.
func (d *desk) hears(t *testing.T) (heard []control.Message) {
	t.Helper()
	for frames := d.Out(); len(frames) > 0; frames = d.Out() {
		for _, frame := range frames {
			m, _, err := d.page.Receive(frame)
			if err != nil {
				t.Fatal(err)
			}
			heard = append(heard, m...)
		}
		for _, frame := range d.page.Out(d.at) {
			d.Frame(frame)
		}
	}
	return heard
}

func (d *desk) pass(t time.Duration) {
	d.at = d.at.Add(t)
	d.Tick()
}

func press(key control.Key, down bool) control.Message { return control.Stroke{Key: key, Down: down} }

func TestCarryOut(t *testing.T) {
	d := on(Choice{})
	d.says(control.Move{At: control.Place{}}, control.Move{At: control.Place{X: 65535, Y: 65535}},
		control.Press{Button: control.Left, Down: true, At: control.Place{X: 32768, Y: 32768}}, control.Press{Button: control.Left, At: control.Place{X: 32768, Y: 32768}},
		control.Wheel{Right: -30, Down: 120, At: control.Place{}}, press(4, true), press(4, true), press(4, false), press(5, false),
		control.Text{Text: "Grüße 😀, liebe Ada"})
	want := []string{
		"move (1099,549)", "move (600,300)", "button 0 down", "move (600,300)", "button 0 up", "move (100,50)", "wheel -30 120",
		"KeyA down", "KeyA up", "text Grüße 😀, liebe A", "text da",
	}
	if diff := cmp.Diff(want, d.dev.done); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestLater types what could not be typed at once, in order.
func TestLater(t *testing.T) {
	d := on(Choice{})
	d.dev.fail = device.ErrLater
	d.says(control.Text{Text: "a long text of two slices"}, control.Text{Text: "b"})
	d.dev.done, d.dev.fail = nil, nil
	for d.Step() {
	}
	if got := strings.Join(d.dev.done, "|"); got != "text a long text of t|text wo slices|text b" {
		t.Errorf("typed %s", got)
	}
	if heard := d.hears(t); slices.ContainsFunc(heard, func(m control.Message) bool { _, ok := m.(control.Notice); return ok }) {
		t.Errorf("the agent hears %v", heard)
	}
}

// TestNothingStaysDown ends control in every way with a key and a button held.
func TestNothingStaysDown(t *testing.T) {
	for name, end := range map[string]func(*desk){
		"stop":                  func(d *desk) { d.Stop() },
		"pause":                 func(d *desk) { d.Pause(true) },
		"the person acts":       func(d *desk) { d.Acted() },
		"the server is gone":    func(d *desk) { d.Server(nil) },
		"the session is over":   func(d *desk) { d.Server(&State{Over: true}) },
		"another agent":         func(d *desk) { d.Server(&State{Agent: "bob", On: true, Screen: 7, Here: true}) },
		"the picture ends":      func(d *desk) { d.Server(&State{Agent: "ada", On: true, Here: true}) },
		"the picture is frozen": func(d *desk) { d.Server(&State{Agent: "ada", On: true, Screen: 7, Here: true, Frozen: true}) },
		"another picture":       func(d *desk) { d.Server(&State{Agent: "ada", On: true, Screen: 8, Here: true}) },
		"the tab is closed":     func(d *desk) { d.Server(&State{Agent: "ada", On: true, Screen: 7}) },
		"the agent is gone": func(d *desk) {
			d.Server(&State{Agent: "ada", On: true, Screen: 7, Here: true})
			d.pass(time.Millisecond)
		},
		"the agent is silent":  func(d *desk) { d.pass(holdOn + time.Millisecond) },
		"the agent lets go":    func(d *desk) { d.says(control.Release{}) },
		"the agent loads anew": func(d *desk) { d.page = control.NewStream(); d.says(control.Alive{}) },
		"the monitors change":  func(d *desk) { d.Unproven(false) },
	} {
		d := on(Choice{})
		d.says(press(control.KeyShiftLeft, true), press(4, true), control.Press{Button: control.Left, Down: true})
		if len(d.dev.down) != 3 {
			t.Fatalf("%s: down are %v", name, d.dev.down)
		}
		end(d)
		if len(d.dev.down) != 0 {
			t.Errorf("%s: still down are %v", name, d.dev.down)
		}
	}
}

// TestLetGoLater can't let go at once, as on Windows while a window with more
// rights is active.
func TestLetGoLater(t *testing.T) {
	for name, then := range map[string]func(*desk){
		"in time":          func(d *desk) { d.pass(tick) },
		"in the end":       func(d *desk) { d.Stop() },
		"by another press": func(d *desk) { d.says(press(4, true)); d.pass(tick); d.says(press(4, false)); d.pass(tick) },
	} {
		d := on(Choice{})
		d.says(press(4, true), control.Press{Button: control.Left, Down: true})
		d.dev.fail = device.ErrElevated
		d.says(control.Release{})
		d.pass(tick)
		if len(d.dev.down) != 2 {
			t.Fatalf("%s: down are %v", name, d.dev.down)
		}
		d.dev.fail = nil
		then(d)
		if len(d.dev.down) != 0 {
			t.Errorf("%s: still down are %v", name, d.dev.down)
		}
	}
	d := on(Choice{})
	d.says(press(4, true))
	d.dev.fail = device.ErrElevated
	d.says(control.Release{})
	d.dev.fail = nil
	d.says(press(4, true))
	d.pass(tick)
	if len(d.dev.down) != 1 {
		t.Error("what is pressed again was let go of")
	}
}

// TestNobodyTypes ends a long text with the page of who sent it.
func TestNobodyTypes(t *testing.T) {
	d := on(Choice{})
	d.add(control.Text{Text: strings.Repeat("a", 100)})
	d.Step()
	d.Server(&State{Agent: "ada", On: true, Screen: 7, Here: true})
	d.pass(time.Millisecond)
	if d.Step() || len(d.dev.done) != 1 {
		t.Errorf("done %v", d.dev.done)
	}
}

// TestHolding keeps a key down for as long as the agent's page says that it is
// there.
func TestHolding(t *testing.T) {
	d := on(Choice{})
	d.says(press(4, true))
	for range 20 {
		d.pass(holdOn / 2)
		d.says(control.Alive{})
	}
	if len(d.dev.down) != 1 {
		t.Errorf("down are %v", d.dev.down)
	}
}

// TestAllowedOnce tries to widen what the person allowed.
func TestAllowedOnce(t *testing.T) {
	d := on(Choice{})
	d.Pause(true)
	d.Allow(Choice{Agent: "ada", Clipboard: true, Automatic: true})
	if d.choice.Clipboard || d.Mode() != control.Paused {
		t.Errorf("chosen is %+v, in mode %d", d.choice, d.Mode())
	}
}

func TestThePersonComesFirst(t *testing.T) {
	for _, byClick := range []bool{false, true} {
		d := on(Choice{ByClick: byClick})
		d.Acted()
		d.says(control.Text{Text: "a"})
		if d.Mode() != control.Theirs || len(d.dev.done) != 0 {
			t.Errorf("by click %v: mode %d, done %v", byClick, d.Mode(), d.dev.done)
		}
		d.pass(rest - time.Millisecond)
		d.Acted()
		d.pass(rest - time.Millisecond)
		if d.Mode() != control.Theirs {
			t.Errorf("by click %v: control came back while they were at it", byClick)
		}
		d.pass(time.Millisecond)
		if byClick == (d.Mode() == control.On) {
			t.Errorf("by click %v: mode %d after some rest", byClick, d.Mode())
		}
		d.Resume()
		d.says(control.Text{Text: "b"})
		if diff := cmp.Diff([]string{"text b"}, d.dev.done); diff != "" {
			t.Errorf("by click %v: -want +got:\n%s", byClick, diff)
		}
	}
}

// TestWhatTheAgentHears follows the modes.
func TestWhatTheAgentHears(t *testing.T) {
	d := on(Choice{Clipboard: true, Automatic: true})
	d.says(control.Alive{})
	d.hears(t)
	d.Acted()
	d.Pause(true)
	d.Pause(false)
	d.dev.fail = device.ErrElevated
	d.says(control.Text{Text: "a"}, control.Text{Text: "b"})
	d.Unproven(true)
	d.Stop()
	state := func(m control.Mode) control.Message {
		return control.State{Mode: m, Clipboard: m != control.Off, Automatic: m != control.Off}
	}
	want := []control.Message{state(control.Theirs), state(control.Paused), state(control.On), control.Notice{Why: control.Elevated}, state(control.Blind), state(control.Off)}
	if diff := cmp.Diff(want, d.hears(t)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func picture(t *testing.T, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, size, size))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sent is content as the agent's page sends it.
func sent(id uint32, b []byte, isPicture bool) (pieces []control.Message) {
	for offset := 0; offset < len(b); offset += control.MaxPiece {
		pieces = append(pieces, control.Piece{ID: id, Total: uint32(len(b)), Offset: uint32(offset), Picture: isPicture, Data: b[offset:min(len(b), offset+control.MaxPiece)]})
	}
	return pieces
}

func TestClipboards(t *testing.T) {
	long := strings.Repeat("Grüße ", 100_000)
	small := picture(t, 8)
	t.Run("to the end-user", func(t *testing.T) {
		d := on(Choice{Clipboard: true, Automatic: true})
		for i, content := range []device.Content{{Text: "Grüße"}, {Text: long}, {PNG: small}} {
			d.says(sent(uint32(i), append([]byte(content.Text), content.PNG...), content.PNG != nil)...)
			for range 40 {
				d.hears(t)
				d.pass(10 * time.Millisecond)
				d.says()
			}
			if diff := cmp.Diff(content, d.dev.content); diff != "" {
				t.Errorf("%d: -want +got:\n%.300s", i, diff)
			}
		}
		d.ClipboardChanged() // as systems tell of what we put there ourselves
		for _, m := range d.hears(t) {
			if _, ok := m.(control.Piece); ok {
				t.Error("what came went back")
			}
		}
	})
	t.Run("to the agent", func(t *testing.T) {
		d := on(Choice{Clipboard: true})
		d.says(control.Alive{})
		d.dev.content = device.Content{Text: long}
		d.ClipboardChanged()
		d.says(control.Fetch{})
		var got []byte
		for _, m := range d.hears(t) {
			if p, ok := m.(control.Piece); ok {
				got = append(got, p.Data...)
			}
		}
		if string(got) != long {
			t.Errorf("%d bytes came, want %d", len(got), len(long))
		}
	})
	t.Run("what is not usable", func(t *testing.T) {
		d := on(Choice{Clipboard: true})
		d.says(sent(1, []byte("\xff"), false)...)
		d.says(sent(2, []byte("no picture"), true)...)
		d.says(control.Piece{ID: 3, Total: 4, Offset: 2, Data: []byte("ab")})
		d.says(control.Piece{ID: 4, Total: 4, Data: []byte("ab")}, control.Piece{ID: 5, Total: 4, Offset: 2, Data: []byte("cd")})
		if len(d.dev.done) != 0 {
			t.Errorf("done %v", d.dev.done)
		}
	})
	t.Run("much at once", func(t *testing.T) {
		d := on(Choice{Clipboard: true})
		var flood []control.Message
		for i := range 1000 {
			flood = append(flood, control.Fetch{}, control.Piece{ID: uint32(i), Total: 1, Data: []byte{byte('a' + i%26)}})
		}
		d.page.Queue(flood...)
		for _, frame := range d.page.Out(d.at) {
			d.Frame(frame)
		}
		for d.Step() {
		}
		if diff := cmp.Diff([]string{"set clipboard", "read clipboard"}, d.dev.done); diff != "" || d.dev.content.Text != "l" {
			t.Errorf("the clipboard holds %s; -want +got:\n%s", d.dev.content.Text, diff)
		}
	})
	t.Run("not allowed", func(t *testing.T) {
		d := on(Choice{})
		d.dev.content = device.Content{Text: "secret"}
		d.says(control.Fetch{})
		d.says(sent(1, []byte("a"), false)...)
		d.ClipboardChanged()
		if len(d.dev.done) != 0 || !slices.Contains(d.hears(t), control.Message(control.Notice{Why: control.NoClipboard})) {
			t.Errorf("done %v", d.dev.done)
		}
	})
}
