package helper

import (
	"fmt"
	"image"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"deskside/internal/control"
	"deskside/internal/helper/device"
)

// TestConsent lets a hostile server and a hostile agent do what they like, in
// 100,000 random steps with a person who allows, pauses and stops: nothing is
// carried out that the person has not allowed at that moment, and nothing is
// read or put into the clipboard without leave.
func TestConsent(t *testing.T) {
	const steps, lives = 100_000, 500
	carried, left := 0, 0
	for life := range lives {
		random := rand.New(rand.NewPCG(uint64(life), 7))
		d := newDesk()
		var allowed, paused, stopped, clipboard bool
		agent := ""
		var sent outbox
		d.dev.check = func(what string) {
			if strings.HasSuffix(what, " up") {
				return // letting go is always right
			}
			carried++
			if !allowed || paused || stopped || strings.Contains(what, "clipboard") && !clipboard {
				t.Fatalf("life %d: %q with allowed %v, paused %v, stopped %v, clipboard %v", life, what, allowed, paused, stopped, clipboard)
			}
		}
		agents := []string{"ada", "bob", ""}
		somebody := func() string { return agents[random.IntN(4)/2*random.IntN(2)] }
		chance := func(n int) bool { return random.IntN(n) == 0 }
		for range steps / lives {
			switch random.IntN(24) {
			case 0:
				s := State{Over: chance(40), Agent: somebody(), On: !chance(20), Screen: int64(random.IntN(4) / 2), Here: !chance(6), AgentHere: !chance(6), Frozen: chance(6)}
				d.Server(&s)
				if allowed && (s.Agent != agent || s.Over) {
					stopped = true // for another agent, or over: never again without being asked
				}
			case 14, 15, 16: // an honest server and page, so that something is carried out at all
				if agent != "" && !stopped {
					d.Server(&State{Agent: agent, On: true, Screen: 1, Here: true, AgentHere: true})
					d.Proven(1, image.Rect(0, 0, 100, 100))
				}
			case 2:
				if chance(4) {
					d.Server(nil)
				}
			case 3:
				c := Choice{Agent: somebody(), Clipboard: chance(2), Automatic: chance(2), ByClick: chance(2)}
				if s := d.server; s != nil && s.Agent == c.Agent && c.Agent != "" && !stopped && !allowed {
					allowed, agent, clipboard, paused = true, c.Agent, c.Clipboard, false
				}
				d.Allow(c)
			case 4:
				on := chance(3)
				paused = on
				d.Pause(on)
			case 5:
				if chance(10) {
					stopped = true
					d.Stop()
				}
			case 6:
				d.Acted()
			case 7:
				d.Resume()
			case 8, 9:
				d.Proven(int64(random.IntN(3)), image.Rect(0, 0, 100, 100))
			case 10:
				d.pass(time.Duration(random.IntN(4000)) * time.Millisecond)
			case 11:
				d.ClipboardChanged()
			case 12:
				d.Frame(noise(random))
			case 13:
				d.page = control.NewStream()
			default:
				d.dev.content = device.Content{Text: fmt.Sprint(random.Uint32())}
				if chance(10) {
					d.dev.content.Text = strings.Repeat(d.dev.content.Text, 100_000) // more pieces than go at once
				}
				d.says(something(random)...)
			}
			for _, frame := range d.Out() {
				pieces := sent.pieces(t, frame)
				if left += pieces; pieces > 0 && (!allowed || paused || stopped || !clipboard) {
					t.Fatalf("life %d: a clipboard left with allowed %v, paused %v, stopped %v, clipboard %v", life, allowed, paused, stopped, clipboard)
				}
				if chance(2) {
					_, _, _ = d.page.Receive(frame)
				}
			}
		}
		d.Stop()
		if len(d.dev.down) != 0 {
			t.Fatalf("life %d: in the end %v are down", life, d.dev.down)
		}
	}
	if carried < 1000 || left < 100 {
		t.Errorf("only %d things were carried out, and %d left: the test shows little", carried, left)
	}
	t.Logf("%d things were carried out, and %d pieces of clipboards left", carried, left)
}

// An outbox tells what leaves from what is only sent again.
type outbox struct{ stream, next uint32 }

// pieces returns how many parts of a clipboard are in a frame that is new.
func (o *outbox) pieces(t *testing.T, frame []byte) (n int) {
	t.Helper()
	f, err := control.Decode(frame)
	if err != nil {
		t.Fatal(err)
	}
	if f.Stream != o.stream {
		*o = outbox{stream: f.Stream}
	}
	if f.Number < o.next {
		return 0
	}
	for _, m := range f.Messages {
		o.next = f.Number + 1
		if _, ok := m.(control.Piece); ok {
			n++
		}
	}
	return n
}

func noise(random *rand.Rand) []byte {
	b := make([]byte, random.IntN(40))
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

func something(random *rand.Rand) (all []control.Message) {
	at := control.Place{X: uint16(random.Uint32()), Y: uint16(random.Uint32())}
	down := random.IntN(2) == 0
	for range 1 + random.IntN(3) {
		all = append(all, []control.Message{
			control.Move{At: at}, control.Press{Button: control.Button(random.IntN(5)), Down: down, At: at}, control.Wheel{Down: 120, At: at},
			control.Stroke{Key: control.Key(4 + random.IntN(20)), Down: down}, control.Text{Text: "a long text for once"}, control.Release{}, control.Alive{},
			control.Fetch{}, control.Piece{ID: 1, Total: 1, Data: []byte("x")},
		}[random.IntN(9)])
	}
	return all
}
