package control_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"deskside/internal/control"
)

// A step is one of testdata/streams.json: something is said or heard, and then
// some frames go out. A frame is written as "stream#number of other's, next
// number: messages"; the streams of the end that is tested are A, then B.
type step struct {
	Say   int
	Hear  string
	Heard int
	Out   []string
}

// A teller writes and reads such frames.
type teller struct{ own []uint32 }

func (t *teller) name(stream uint32) string {
	if i := slices.Index(t.own, stream); i >= 0 {
		return string(rune('A' + i))
	}
	return fmt.Sprint(stream)
}

func (t *teller) write(b []byte) string {
	f, err := control.Decode(b)
	if err != nil {
		return err.Error()
	}
	if !slices.Contains(t.own, f.Stream) {
		t.own = append(t.own, f.Stream)
	}
	return fmt.Sprintf("%s#%d of %s, next %d: %d", t.name(f.Stream), f.Number, t.name(f.Of), f.Next, len(f.Messages))
}

func (t *teller) read(test *testing.T, text string) []byte {
	test.Helper()
	for i, stream := range t.own {
		text = strings.ReplaceAll(text, t.name(stream), fmt.Sprint(t.own[i]))
	}
	var f control.Frame
	messages := 0
	if _, err := fmt.Sscanf(text, "%d#%d of %d, next %d: %d", &f.Stream, &f.Number, &f.Of, &f.Next, &messages); err != nil {
		test.Fatalf("%s: %v", text, err)
	}
	for range messages {
		f.Messages = append(f.Messages, control.Alive{})
	}
	return f.Append(nil)
}

// TestStreamsMeet holds the stream to the same answers as the page's.
func TestStreamsMeet(t *testing.T) {
	content, err := os.ReadFile("testdata/streams.json")
	if err != nil {
		t.Fatal(err)
	}
	var tales map[string][]step
	if err := json.Unmarshal(content, &tales); err != nil {
		t.Fatal(err)
	}
	now := time.Unix(0, 0)
	for name, tale := range tales {
		t.Run(name, func(t *testing.T) {
			s, teller := control.NewStream(), teller{}
			for i, step := range tale {
				for range step.Say {
					s.Queue(control.Alive{})
				}
				var heard []control.Message
				if step.Hear != "" {
					if heard, _, err = s.Receive(teller.read(t, step.Hear)); err != nil {
						t.Fatal(err)
					}
				}
				out := []string{}
				for _, frame := range s.Out(now) {
					out = append(out, teller.write(frame))
				}
				if len(heard) != step.Heard || !slices.Equal(out, step.Out) {
					t.Errorf("step %d: heard %d, want %d; said %q, want %q", i, len(heard), step.Heard, out, step.Out)
				}
			}
		})
	}
}

// TestReconnect lets each end be another one in turn, over a way that carries
// everything: each time both hear each other again, and neither begins anew for
// ever.
func TestReconnect(t *testing.T) {
	page, helper := control.NewStream(), control.NewStream()
	for i := range 6 {
		var toHelper, toPage []control.Message
		frames := 0
		page.Queue(control.Release{})
		helper.Queue(control.State{Mode: control.On})
		for now := time.Unix(int64(i)*100, 0); now.Before(time.Unix(int64(i)*100+2, 0)); now = now.Add(50 * time.Millisecond) {
			from, to := page.Out(now), helper.Out(now) // at the same moment
			frames += len(from) + len(to)
			toHelper = append(toHelper, receive(t, helper, from)...)
			toPage = append(toPage, receive(t, page, to)...)
			if now == time.Unix(int64(i)*100+1, 0) { // what was said before they met is lost
				page.Queue(control.Fetch{})
				helper.Queue(control.State{Mode: control.Theirs})
			}
		}
		if !slices.Contains(toHelper, control.Message(control.Fetch{})) || !slices.Contains(toPage, control.Message(control.State{Mode: control.Theirs})) {
			t.Errorf("%d: the helper heard %v, the page %v", i, toHelper, toPage)
		}
		if frames > 20 {
			t.Errorf("%d: it took %d frames", i, frames)
		}
		if i%2 == 0 {
			page = control.NewStream()
		} else {
			helper = control.NewStream()
		}
	}
}

func receive(t *testing.T, s *control.Stream, frames [][]byte) (heard []control.Message) {
	t.Helper()
	for _, frame := range frames {
		m, _, err := s.Receive(frame)
		if err != nil {
			t.Fatal(err)
		}
		heard = append(heard, m...)
	}
	return heard
}

// A line carries frames one after the other, at so many bytes a second.
type line struct {
	rate   int
	free   time.Time // when it has carried everything
	frames [][]byte
	there  []time.Time
}

func (l *line) carry(now time.Time, frames ...[]byte) {
	for _, b := range frames {
		if l.free.Before(now) {
			l.free = now
		}
		l.free = l.free.Add(time.Duration(len(b)) * time.Second / time.Duration(l.rate))
		l.frames, l.there = append(l.frames, b), append(l.there, l.free.Add(20*time.Millisecond))
	}
}

func (l *line) arrived(now time.Time) (frames [][]byte) {
	for len(l.there) > 0 && !l.there[0].After(now) {
		frames = append(frames, l.frames[0])
		l.frames, l.there = l.frames[1:], l.there[1:]
	}
	return frames
}

// TestSlowLine hands a clipboard over on a line that it fills for a while, and
// clicks meanwhile.
func TestSlowLine(t *testing.T) {
	for _, c := range []struct {
		rate int // bits a second
		late time.Duration
	}{
		{10_000_000, 300 * time.Millisecond},
		{1_000_000, 4 * time.Second}, // what was on its way when the line was still thought to be fast goes before
	} {
		page, helper := control.NewStream(), control.NewStream()
		to, from := line{rate: c.rate / 8}, line{rate: c.rate / 8}
		start, total := time.Unix(0, 0), 3<<20
		ideal := time.Duration(total) * time.Second / time.Duration(to.rate)
		sent, got, clicked, clickCame := 0, 0, false, time.Duration(0)
		now := start
		for ; got < total || clickCame == 0; now = now.Add(5 * time.Millisecond) {
			if now.Sub(start) > 4*ideal {
				t.Fatalf("at %d bit/s: after %s, %d of %d bytes have come", c.rate, now.Sub(start), got, total)
			}
			receive(t, page, from.arrived(now))
			if !clicked && now.Sub(start) >= time.Second {
				clicked = true
				page.Queue(control.Release{})
			}
			for ; sent < total && !page.Full(); sent += control.MaxPiece {
				page.Queue(control.Piece{Total: uint32(total), Offset: uint32(sent), Data: make([]byte, control.MaxPiece)})
			}
			to.carry(now, page.Out(now)...)
			for _, m := range receive(t, helper, to.arrived(now)) {
				switch m := m.(type) {
				case control.Piece:
					got += len(m.Data)
				case control.Release:
					clickCame = now.Sub(start) - time.Second
				}
			}
			from.carry(now, helper.Out(now)...)
		}
		if took := now.Sub(start); took > ideal*5/4 {
			t.Errorf("at %d bit/s: it took %s, and could have taken %s", c.rate, took, ideal)
		}
		if clickCame > c.late {
			t.Errorf("at %d bit/s: the click came %s late", c.rate, clickCame)
		}
	}
}
