package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// starts is how often startup starts a server.
const starts = 7

// startup measures from the start of the process to its first ready answer.
func startup(s settings) error {
	if s.server != "" {
		return nil // it has started
	}
	var h histogram
	for range starts {
		server, err := startServer(s)
		if err != nil {
			return err
		}
		h.add(server.ready)
		server.stop()
	}
	got := h.summary()
	fmt.Printf("start   process start to ready: median %s, max %s of %d (aim 500 ms)\n", round(got.p50), round(got.most), starts)
	return nil
}

// parallel runs f for 0 … n-1 with a bounded number at once and returns the
// first error.
func parallel(n, atOnce int, f func(i int) error) error {
	var wg sync.WaitGroup
	var next atomic.Int64
	var first atomic.Pointer[error]
	for range atOnce {
		wg.Go(func() {
			for first.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := f(i); err != nil {
					first.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	wg.Wait()
	if err := first.Load(); err != nil {
		return *err
	}
	return nil
}

const setupAtOnce = 16

// settle is how long idle waits before it looks: rounds of beats, and time in
// which the server gives back what connecting needed.
const settle = 30 * time.Second

// idle measures the memory of sockets on which nothing happens but beats.
func idle(s settings) error {
	server, err := startServer(s)
	if err != nil {
		return err
	}
	defer server.stop()
	fresh, err := server.rest(0)
	if err != nil {
		return err
	}
	pairs, err := server.pairs(s.idle / 2)
	if err != nil {
		return err
	}
	before, err := server.rest(3 * time.Second)
	if err != nil {
		return err
	}
	err = parallel(len(pairs), setupAtOnce, func(i int) error { return pairs[i].connect(server) })
	if err != nil {
		return err
	}
	after, err := server.rest(settle)
	if err != nil {
		return err
	}
	n := int64(2 * len(pairs))
	fmt.Printf("idle    %d sockets: %.1f KiB each, %.1f with their sessions (aim 12); %s MiB in all, %s of a CPU for beats\n",
		n, kibi(after.memory-before.memory, n), kibi(after.memory-fresh.memory, n), after.mebi(), after.percent())
	return nil
}

func kibi(bytes, n int64) float64 { return float64(bytes) / float64(n) / 1024 }

// rest waits and returns what the server took meanwhile.
func (s *server) rest(wait time.Duration) (usage, error) {
	transport.CloseIdleConnections()
	m, err := s.meter()
	if err != nil {
		return usage{}, err
	}
	time.Sleep(max(wait, 10*time.Millisecond))
	return m.read()
}

// A pair is a session and its end-user.
type pair struct {
	id    string
	guest *client
}

// pairs starts n sessions.
func (s *server) pairs(n int) ([]pair, error) {
	pairs := make([]pair, n)
	return pairs, parallel(n, setupAtOnce, func(i int) error {
		id, token, err := s.newSession()
		if err != nil {
			return err
		}
		pairs[i].id = id
		pairs[i].guest, err = s.join(token)
		return err
	})
}

// connect opens both sockets of the session.
func (p pair) connect(s *server) error {
	if _, err := s.agent.live(s.nodes[0], p.id, nil, nil); err != nil {
		return err
	}
	_, err := p.guest.live(s.nodes[0], p.id, nil, nil)
	return err
}
