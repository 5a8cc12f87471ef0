package main

import (
	"encoding/xml"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"deskside"
	"deskside/internal/wire"
)

func TestQuantiles(t *testing.T) {
	var h histogram
	for i := 1000; i >= 1; i-- {
		h.add(time.Duration(i))
	}
	if got, want := h.summary(), (summary{1000, 500, 990, 999, 1000}); got != want {
		t.Errorf("summary %+v, want %+v", got, want)
	}
	if got := new(histogram).summary(); got != (summary{}) {
		t.Errorf("of nothing: %+v", got)
	}
}

func TestLedger(t *testing.T) {
	l := newLedger()
	for _, n := range []int{0, 1, 3, 2, 3, 5} {
		l.receive(n)
	}
	if doubled, misordered := l.faults(); doubled != 1 || misordered != 1 || l.lost(6) != 1 {
		t.Errorf("doubled %d, misordered %d, lost %d; want 1 each", doubled, misordered, l.lost(6))
	}
}

func TestProc(t *testing.T) {
	cpu, err := parseCPU("42 (a (strange) name) S 1 42 42 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 9 0 1 2 3")
	if err != nil || cpu != 2*time.Second {
		t.Errorf("CPU time %s, %v", cpu, err)
	}
	if _, err := parseCPU("nonsense"); err == nil {
		t.Error("read CPU times from nonsense")
	}
	rss, err := parseMemory("VmPeak:\t 9 kB\nVmRSS:\t   2048 kB\nThreads: 3\n", "VmRSS")
	if err != nil || rss != 2<<20 {
		t.Errorf("memory %d, %v", rss, err)
	}
	if _, err := parseMemory("VmPeak: 9 kB", "VmRSS"); err == nil {
		t.Error("read memory from nothing")
	}
}

// TestRead gives a writer the frames that the server sends.
func TestRead(t *testing.T) {
	crowd := &crowd{acks: new(histogram), peers: new(histogram), refuses: new(histogram)}
	crowd.measure.Store(true)
	due := []time.Time{time.Now(), time.Now(), time.Now()}
	a := &writer{crowd: crowd, name: "w1:", ledger: newLedger(), acked: newLedger(), sent: due}
	b := &writer{crowd: crowd, name: "w11:", ledger: newLedger(), acked: newLedger(), sent: due}
	a.peer, b.peer = b, a
	crowd.writers = []*writer{a, b}
	message := func(seq int64, id string) deskside.Event {
		e := deskside.Event{Seq: seq, By: "p", ID: id, Body: &deskside.Message{Text: id + " xxx"}}
		if err := e.Encode(); err != nil {
			t.Fatal(err)
		}
		return e
	}
	frame := wire.Events(1, 5, []deskside.Event{message(2, "w1:0"), message(3, "w11:0"), message(4, "w1:2"), message(5, "w1:9")})
	a.read(frame)
	b.read(frame)
	a.read(wire.Encode("ack", wire.Ack{ID: "w1:0", Seq: 2}))
	b.read(wire.Encode("error", wire.Refusal{ID: "w11:1"}))
	for name, got := range map[string][2]int{
		"messages of the first that the other lacks": {a.ledger.lost(3), 1},
		"messages of the other that the first lacks": {b.ledger.lost(3), 2},
		"acknowledgements that the first lacks":      {a.acked.lost(3), 2},
		"missing in all, without what was refused":   {crowd.missing(heard), 2},
		"latencies to a peer":                        {crowd.peers.summary().n, 3},
		"latencies to an acknowledgement":            {crowd.acks.summary().n, 1},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %d, want %d", name, got[0], got[1])
		}
	}
}

// TestPlot looks at whether the picture is well-formed and has each value.
func TestPlot(t *testing.T) {
	costs := []cost{{1000, 100, time.Millisecond, 10 * time.Millisecond}, {100_000, 150, 2 * time.Millisecond, 20 * time.Millisecond}}
	picture := plot(costs, costs)
	var all struct {
		Circles []struct{} `xml:"circle"`
		Paths   []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(picture, &all); err != nil {
		t.Fatalf("%v\n%s", err, picture)
	}
	if len(all.Circles) != 2*3*len(costs) {
		t.Errorf("%d points, want %d", len(all.Circles), 2*3*len(costs))
	}
	for _, p := range all.Paths {
		if strings.Contains(p.D, "NaN") || strings.Contains(p.D, "Inf") {
			t.Errorf("a line nowhere: %s", p.D)
		}
	}
}

func TestClimb(t *testing.T) {
	for name, test := range map[string]struct {
		most, least, tries int
	}{
		"between the rungs":          {11_000, 10_300, 8},
		"below the first rung":       {900, 849, 10},
		"nothing works":              {0, 0, 8},
		"much more than is aimed at": {100_000, 94_000, 15},
	} {
		t.Run(name, func(t *testing.T) {
			var tried []int
			best, err := climb(func(rate int) (bool, error) {
				tried = append(tried, rate)
				return rate <= test.most, nil
			})
			if err != nil || best > test.most || best < test.least || len(tried) > test.tries {
				t.Errorf("best %d, %v, tried %v; want %d to %d", best, err, tried, test.least, test.most)
			}
			slices.Sort(tried)
			if len(slices.Compact(tried)) != len(tried) {
				t.Errorf("tried one rate twice: %v", tried)
			}
		})
	}
	lost := errors.New("a message is lost")
	if _, err := climb(func(int) (bool, error) { return true, lost }); !errors.Is(err, lost) {
		t.Errorf("a fault ended in %v", err)
	}
}

func TestResultIsNoSuccessWhenSomethingIsLost(t *testing.T) {
	for name, r := range map[string]result{
		"lost": {lost: 1}, "unacknowledged": {unacked: 1}, "doubled": {doubled: 1}, "misordered": {misordered: 1},
	} {
		if r.err() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := (result{refused: 9}).err(); err != nil {
		t.Errorf("refusals are allowed: %v", err)
	}
	if (result{asked: 100, reached: 100, refused: 1}).good() || (result{asked: 100, reached: 90}).good() || (result{asked: 100, reached: 100, peer: summary{p99: time.Second}}).good() {
		t.Error("a rate is called good that was refused, not reached or slow")
	}
	if !(result{asked: 100, reached: 100, peer: summary{p99: time.Millisecond}}).good() {
		t.Error("a good rate is not called good")
	}
}
