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
