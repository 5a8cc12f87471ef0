package control_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside/internal/control"
)

// frames are examples of every message. web/src/control/wire.test.ts reads the
// same bytes from testdata/frames.json.
var frames = map[string]control.Frame{
	"move":   {Stream: 0x01020304, Number: 7, Of: 0xfffefdfc, Next: 9, Messages: []control.Message{control.Move{At: control.Place{X: 1, Y: 65535}}}},
	"press":  {Stream: 1, Messages: []control.Message{control.Press{Button: control.Right, Down: true, At: control.Place{X: 256, Y: 2}}}},
	"wheel":  {Stream: 1, Messages: []control.Message{control.Wheel{Right: -120, Down: 15, At: control.Place{X: 3, Y: 4}}}},
	"stroke": {Stream: 1, Messages: []control.Message{control.Stroke{Key: control.KeyDelete, Down: true}, control.Stroke{Key: 0x1d, Char: 'y'}}},
	"text":   {Stream: 1, Messages: []control.Message{control.Text{Text: "Grüße 😀"}}},
	"rest":   {Stream: 1, Messages: []control.Message{control.Release{}, control.Alive{}, control.Fetch{}}},
	"piece":  {Stream: 1, Messages: []control.Message{control.Piece{ID: 5, Total: 4, Offset: 1, Picture: true, Data: []byte{0x89, 'P', 'N'}}}},
	"state":  {Stream: 1, Messages: []control.Message{control.State{Mode: control.Theirs, Clipboard: true}, control.State{Mode: control.On, Automatic: true}, control.Notice{Why: control.Elevated}}},
	"ack":    {Stream: 2, Number: 3, Of: 1, Next: 1},
}

func TestFrames(t *testing.T) {
	content, err := os.ReadFile("testdata/frames.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(content, &want); err != nil {
		t.Fatal(err)
	}
	for name, f := range frames {
		b := f.Append(nil)
		if got := hex.EncodeToString(b); got != want[name] {
			t.Errorf("%s: %s, want %s", name, got, want[name])
		}
		got, err := control.Decode(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(f, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	if len(want) != len(frames) {
		t.Errorf("%d examples in the file, %d here", len(want), len(frames))
	}
}

func TestBadFrames(t *testing.T) {
	head := strings.Repeat("00", 16)
	for name, h := range map[string]string{
		"empty": "", "no head": "01" + head[2:], "another version": "02" + head,
		"unknown kind": "01" + head + "63", "cut off": "01" + head + "010001",
		"button 5": "01" + head + "02" + "05" + "01" + "00010001", "flags": "01" + head + "02" + "00" + "02" + "00010001",
		"a turn too far": "01" + head + "03" + "7fff" + "0000" + "00010001", "the least turn": "01" + head + "03" + "8000" + "0000" + "00010001",
		"a key without a name": "01" + head + "04" + "66" + "01" + "00000000", "a surrogate": "01" + head + "04" + "04" + "01" + "0000d800",
		"no text": "01" + head + "05" + "0000", "text that is none": "01" + head + "05" + "0001" + "ff",
		"a piece beyond its end": "01" + head + "09" + "00" + "00000001" + "00000002" + "00000001" + "0002" + "4141",
		"a clipboard too large":  "01" + head + "09" + "00" + "00000001" + "00a00001" + "00000001" + "0001" + "41",
		"mode 9":                 "01" + head + "0a" + "09" + "00", "notice 0": "01" + head + "0b" + "00",
	} {
		b, err := hex.DecodeString(h)
		if err != nil {
			t.Fatal(err)
		}
		if f, err := control.Decode(b); err != control.ErrFrame {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	if _, err := control.Decode(append(frames["ack"].Append(nil), make([]byte, control.MaxFrame)...)); err != control.ErrFrame {
		t.Errorf("too large: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, frame := range frames {
		f.Add(frame.Append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := control.Decode(b)
		if err != nil {
			return
		}
		if again := frame.Append(nil); !bytes.Equal(again, b) {
			t.Errorf("%x is read as %+v, which is %x", b, frame, again)
		}
	})
}

// TestStreamsOverABadWay lets both ends talk over a way that loses, doubles
// and reorders: each hears everything, once, in order.
func TestStreamsOverABadWay(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	a, b := control.NewStream(), control.NewStream()
	var toA, toB [][]byte
	var heardA, heardB []control.Message
	const n = 500
	now := time.Unix(0, 0)
	for i := 0; len(heardA) < n || len(heardB) < n; i++ {
		if i > 100_000 {
			t.Fatalf("after %d rounds only %d and %d were heard", i, len(heardA), len(heardB))
		}
		if i < n {
			a.Queue(control.Stroke{Key: 4, Char: rune(i)})
			b.Queue(control.Stroke{Key: 5, Char: rune(i)})
		}
		now = now.Add(50 * time.Millisecond)
		toB = append(toB, a.Out(now)...)
		toA = append(toA, b.Out(now)...)
		heardB = append(heardB, carry(t, random, &toB, b)...)
		heardA = append(heardA, carry(t, random, &toA, a)...)
	}
	for i := range n {
		if heardB[i] != (control.Stroke{Key: 4, Char: rune(i)}) || heardA[i] != (control.Stroke{Key: 5, Char: rune(i)}) {
			t.Fatalf("number %d is %v and %v", i, heardB[i], heardA[i])
		}
	}
	if len(heardA) > n || len(heardB) > n {
		t.Errorf("heard %d and %d, said %d", len(heardA), len(heardB), n)
	}
}

func carry(t *testing.T, random *rand.Rand, way *[][]byte, to *control.Stream) (heard []control.Message) {
	t.Helper()
	random.Shuffle(len(*way), func(i, j int) { (*way)[i], (*way)[j] = (*way)[j], (*way)[i] })
	for _, frame := range *way {
		for range random.IntN(3) { // lost, carried, or doubled
			m, _, err := to.Receive(frame)
			if err != nil {
				t.Fatal(err)
			}
			heard = append(heard, m...)
		}
	}
	*way = nil
	return heard
}

// TestNewPage lets the agent load their page again: its stream begins anew,
// and the old one is dead.
func TestNewPage(t *testing.T) {
	now := time.Unix(0, 0)
	helper, old, young := control.NewStream(), control.NewStream(), control.NewStream()
	say := func(s *control.Stream, m control.Message) (heard []control.Message, began bool) {
		s.Queue(m)
		for _, frame := range s.Out(now) {
			m, new, err := helper.Receive(frame)
			if err != nil {
				t.Fatal(err)
			}
			heard, began = append(heard, m...), began || new
		}
		return heard, began
	}
	for i, c := range []struct {
		from        *control.Stream
		heard       int
		beginsAgain bool
	}{{old, 1, true}, {old, 1, false}, {young, 1, true}, {old, 0, false}, {young, 1, false}} {
		heard, began := say(c.from, control.Release{})
		if len(heard) != c.heard || began != c.beginsAgain {
			t.Errorf("%d: heard %v, began %v", i, heard, began)
		}
	}
}

// TestMuchToSay queues more than may be on its way.
func TestMuchToSay(t *testing.T) {
	now := time.Unix(0, 0)
	s := control.NewStream()
	for range 100 {
		s.Queue(control.Piece{ID: 1, Total: control.MaxPiece, Data: make([]byte, control.MaxPiece)})
	}
	frames := s.Out(now)
	if len(frames) != 4 || !s.Full() {
		t.Errorf("%d frames at once, full: %v", len(frames), s.Full())
	}
	for _, f := range frames {
		if len(f) > control.MaxFrame {
			t.Errorf("a frame of %d bytes", len(f))
		}
	}
	for _, c := range []struct{ ms, want int }{{1, 0}, {250, 4}, {500, 0}, {750, 4}, {1750, 4}, {3750, 4}, {7700, 0}, {7750, 4}, {11_750, 4}} {
		if again := s.Out(now.Add(time.Duration(c.ms) * time.Millisecond)); len(again) != c.want {
			t.Errorf("after %d ms, %d frames go again, want %d", c.ms, len(again), c.want)
		}
	}
	small := control.NewStream()
	for range 100 {
		small.Queue(control.Alive{})
		small.Out(now)
	}
	if !small.Full() {
		t.Error("100 small frames on their way, and room for more")
	}
}
