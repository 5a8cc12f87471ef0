package bus_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"deskside"
	"deskside/internal/bus"
	"deskside/internal/bustest"
	"deskside/internal/desk"
	"deskside/internal/natstest"
	"deskside/internal/postgrestest"
)

// wait bounds how long a test waits for anything.
const wait = 20 * time.Second

// A node is a bus as one node has it.
type node interface {
	desk.Bus
	Healthy() error
	Dropped() int64
	Close() error
}

// An engine runs a server and joins nodes by it.
type engine struct {
	join      func(t testing.TB) node
	stop, run func()
}

var engines = map[string]func(t testing.TB) engine{
	"NATS": func(t testing.TB) engine {
		s := natstest.Start(t)
		return engine{
			join: func(t testing.TB) node { return joinNATS(t, s.URL()) },
			stop: s.Stop, run: func() { s.Run(t) },
		}
	},
	"PostgreSQL": func(t testing.TB) engine {
		s := postgrestest.Start(t)
		url := s.Database(t)
		return engine{
			join: func(t testing.TB) node {
				b, err := bus.OpenPostgres(t.Context(), url, bus.Options{})
				return joined(t, b, err)
			},
			stop: func() { s.Stop(t) }, run: func() { s.Run(t) },
		}
	},
}

func joinNATS(t testing.TB, url string) node {
	b, err := bus.OpenNATS(t.Context(), url, bus.Options{})
	return joined(t, b, err)
}

// joined returns the node once it is connected.
func joined(t testing.TB, n node, err error) node {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	eventually(t, "the bus is healthy", func() bool { return n.Healthy() == nil })
	return n
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(wait); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}

func each(t *testing.T, test func(t *testing.T, e engine)) {
	for name, start := range engines {
		t.Run(name, func(t *testing.T) { test(t, start(t)) })
	}
}

func TestRemote(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		bustest.Run(t, func(t *testing.T) (here, there bustest.Bus) { return e.join(t), e.join(t) })
	})
}

// ear collects what a subscriber hears.
type ear struct {
	mu  sync.Mutex // guards got
	got []deskside.Notice
}

func listen(t *testing.T, b desk.Bus, id deskside.SessionID) *ear {
	e := &ear{}
	t.Cleanup(b.Subscribe(id, func(n deskside.Notice) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.got = append(e.got, n)
	}))
	return e
}

func (e *ear) heard() []deskside.Notice {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]deskside.Notice(nil), e.got...)
}

// TestOwnNotices hears what a node publishes itself once, and at once.
func TestOwnNotices(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		here, there := e.join(t), e.join(t)
		own, other := listen(t, here, "one"), listen(t, there, "one")
		for i := range 100 {
			here.Publish(deskside.Notice{Session: "one", Number: int64(i)})
			if n := len(own.heard()); n != i+1 {
				t.Fatalf("heard %d of %d at once", n, i+1)
			}
		}
		eventually(t, "the other node hears all", func() bool { return len(other.heard()) == 100 })
		for i, n := range other.heard() {
			if n.Number != int64(i) {
				t.Fatalf("notice %d has number %d", i, n.Number)
			}
		}
		if n := len(own.heard()); n != 100 {
			t.Errorf("heard %d of 100", n)
		}
	})
}

// TestSignals carries what pages say to each other, large ones too, and keeps
// it from lists.
func TestSignals(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		here, there := e.join(t), e.join(t)
		// Ids come from addresses that anybody may type.
		for _, id := range []deskside.SessionID{"one", "a.b", "*", ">", " ", "\xff\x00", "ü"} {
			session, list := listen(t, there, id), listen(t, there, "")
			signals := []deskside.Signal{
				{Kind: deskside.SignalTyping, By: "p", Typing: true},
				{Kind: deskside.SignalRTC, By: "p", To: "q", RTC: strings.Repeat("v=0 <&> ü ", 20_000)},
				{Kind: deskside.SignalControl, Control: bytes.Repeat([]byte{0, 1, 255}, 10_000)},
				{Kind: deskside.SignalPresence, By: "p", Presence: deskside.Here},
			}
			for _, s := range signals {
				here.Publish(deskside.Notice{Session: id, Agent: "ada", Signal: &s})
			}
			eventually(t, "all signals come", func() bool { return len(session.heard()) == len(signals) })
			for i, n := range session.heard() {
				if fmt.Sprintf("%+v", *n.Signal) != fmt.Sprintf("%+v", signals[i]) || n.Session != id || n.Agent != "ada" {
					t.Errorf("signal %d of %q came as %.200v", i, id, n)
				}
			}
			eventually(t, "the list hears of presence", func() bool { return len(list.heard()) > 0 })
			if heard := list.heard(); heard[len(heard)-1].Signal.Kind != deskside.SignalPresence {
				t.Errorf("the list heard %+v", heard)
			}
		}
	})
}

// TestLastNotices closes a node right after it has published: what it said last
// is heard.
func TestLastNotices(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		here, there := e.join(t), e.join(t)
		other := listen(t, there, "one")
		for i := range 100 {
			here.Publish(deskside.Notice{Session: "one", Number: int64(i)})
		}
		if err := here.Close(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the other node hears all", func() bool { return len(other.heard()) == 100 })
	})
}

// TestServerAway stops the server and starts it again.
func TestServerAway(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		here, there := e.join(t), e.join(t)
		own, other := listen(t, here, "one"), listen(t, there, "one")
		gaps := there.Gaps()
		e.stop()
		eventually(t, "both say so", func() bool { return here.Healthy() != nil && there.Healthy() != nil })
		begin := time.Now()
		const lost = 20_000
		for range lost {
			here.Publish(deskside.Notice{Session: "one", Number: 1})
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%d notices that go nowhere took %s", lost, took)
		}
		if n := len(own.heard()); n != lost {
			t.Errorf("the own node heard %d of %d", n, lost)
		}
		eventually(t, "they are counted", func() bool { return here.Dropped() > 0 })
		e.run()
		eventually(t, "both are healthy", func() bool { return here.Healthy() == nil && there.Healthy() == nil })
		eventually(t, "the gap is counted", func() bool { return there.Gaps() > gaps })
		eventually(t, "notices come again", func() bool {
			here.Publish(deskside.Notice{Session: "one", Number: 2})
			heard := other.heard()
			return len(heard) > 0 && heard[len(heard)-1].Number == 2
		})
	})
}

// TestBeginsAlone opens a bus whose server comes later.
func TestBeginsAlone(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		first := e.join(t)
		e.stop()
		eventually(t, "it is away", func() bool { return first.Healthy() != nil })
		late := make(chan node)
		go func() { late <- e.join(t) }()
		time.Sleep(300 * time.Millisecond) // it tries meanwhile, and fails
		e.run()
		here := <-late
		other := listen(t, first, "one")
		eventually(t, "notices come", func() bool {
			here.Publish(deskside.Notice{Session: "one", Number: 1})
			return len(other.heard()) > 0
		})
	})
}

// TestNATSCluster joins nodes at different servers of a cluster.
func TestNATSCluster(t *testing.T) {
	servers := natstest.Cluster(t, 3)
	var nodes []node
	var ears []*ear
	for _, s := range servers {
		n := joinNATS(t, s.URL())
		nodes = append(nodes, n)
		ears = append(ears, listen(t, n, "one"))
	}
	for i, n := range nodes {
		eventually(t, "all nodes hear", func() bool {
			n.Publish(deskside.Notice{Session: "one", Number: int64(i)})
			for _, e := range ears {
				heard := e.heard()
				if len(heard) == 0 || heard[len(heard)-1].Number != int64(i) {
					return false
				}
			}
			return true
		})
	}
}

// TestNATSSubscriptions listens to a session only while somebody watches it.
func TestNATSSubscriptions(t *testing.T) {
	s := natstest.Start(t)
	n := joinNATS(t, s.URL())
	var cancels []func()
	for range 3 {
		cancels = append(cancels, n.Subscribe("one", func(deskside.Notice) {}))
	}
	cancels = append(cancels, n.Subscribe("", func(deskside.Notice) {}))
	eventually(t, "two subjects", func() bool { return s.Subscriptions(t) == 2 })
	for _, cancel := range cancels {
		cancel()
		cancel() // again does nothing
	}
	eventually(t, "none", func() bool { return s.Subscriptions(t) == 0 })
}

// TestInstallations keeps those apart who share a NATS server.
func TestInstallations(t *testing.T) {
	s := natstest.Start(t)
	join := func(name string) node {
		b, err := bus.OpenNATS(t.Context(), s.URL(), bus.Options{Installation: []byte(name)})
		return joined(t, b, err)
	}
	here, same, other := join("ours"), join("ours"), join("theirs")
	ours, theirs := listen(t, same, "one"), listen(t, other, "one")
	all := listen(t, other, "")
	here.Publish(deskside.Notice{Session: "one", Number: 1})
	eventually(t, "ours hears", func() bool { return len(ours.heard()) == 1 })
	if n := len(theirs.heard()) + len(all.heard()); n != 0 {
		t.Errorf("theirs heard %d", n)
	}
}

// TestSecretsStaySecret neither logs nor returns a password.
func TestSecretsStaySecret(t *testing.T) {
	var log bytes.Buffer
	opt := bus.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}
	open := map[string]func(url string) (node, error){
		"nats":     func(url string) (node, error) { return bus.OpenNATS(t.Context(), url, opt) },
		"postgres": func(url string) (node, error) { return bus.OpenPostgres(context.Background(), url, opt) },
	}
	for scheme, open := range open {
		for _, address := range []string{"desk:geheim@127.0.0.1:1", "desk:geheim@127.0.0.1:port", "desk:geheim@[::1"} {
			n, err := open(scheme + "://" + address)
			said := fmt.Sprint(err)
			if err == nil {
				time.Sleep(50 * time.Millisecond)
				said = fmt.Sprint(n.Healthy())
				if err := n.Close(); err != nil {
					t.Error(err)
				}
			}
			if strings.Contains(said+log.String(), "geheim") {
				t.Errorf("%s: %s, logged %s", address, said, log.String())
			}
		}
	}
}
