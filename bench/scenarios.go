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
	var h histogram
	for range starts {
		server, err := startServer(s.binary, s.address)
		if err != nil {
			return err
		}
		h.add(server.ready)
		server.stop()
	}
	got := h.summary()
	fmt.Printf("start    process start to ready on existing data: median %s, max %s of %d (aim 500 ms)\n", round(got.p50), round(got.most), starts)
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

// idle measures the memory of sockets on which nothing happens but beats.
func idle(s settings) error {
	server, err := startServer(s.binary, s.address)
	if err != nil {
		return err
	}
	defer server.stop()
	sessions := s.idle / 2
	type pair struct {
		id    string
		guest *client
	}
	pairs := make([]pair, sessions)
	err = parallel(sessions, setupAtOnce, func(i int) error {
		id, token, err := server.newSession()
		if err != nil {
			return err
		}
		pairs[i].id = id
		pairs[i].guest, err = server.join(token)
		return err
	})
	if err != nil {
		return err
	}
	transport.CloseIdleConnections()
	time.Sleep(3 * time.Second)
	before, err := memory(server.process.Process.Pid)
	if err != nil {
		return err
	}
	err = parallel(sessions, setupAtOnce, func(i int) error {
		if _, err := server.agent.live(pairs[i].id, nil); err != nil {
			return err
		}
		_, err := pairs[i].guest.live(pairs[i].id, nil)
		return err
	})
	if err != nil {
		return err
	}
	pid := server.process.Process.Pid
	cpu, err := cpuTime(pid)
	if err != nil {
		return err
	}
	const settle = 12 * time.Second // three rounds of beats
	time.Sleep(settle)
	after, err := memory(pid)
	if err != nil {
		return err
	}
	used, err := cpuTime(pid)
	if err != nil {
		return err
	}
	fmt.Printf("idle     %d sockets: %.1f KiB each (aim 24), %.0f MiB in all, %.0f %% of a CPU for beats\n",
		2*sessions, float64(after-before)/float64(2*sessions)/1024, float64(after)/(1<<20), 100*(used-cpu).Seconds()/settle.Seconds())
	return nil
}

// joinStorm lets many end-users arrive at an even pace in ten seconds: each
// opens the link, joins, connects, and waits for the first event.
func joinStorm(s settings) error {
	server, err := startServer(s.binary, s.address)
	if err != nil {
		return err
	}
	defer server.stop()
	type door struct{ id, token string }
	doors := make([]door, s.arrivals)
	err = parallel(s.arrivals, setupAtOnce, func(i int) (err error) {
		doors[i].id, doors[i].token, err = server.newSession()
		return err
	})
	if err != nil {
		return err
	}
	const span = 10 * time.Second
	var h histogram
	var failed atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for i, d := range doors {
		at := began.Add(span * time.Duration(i) / time.Duration(len(doors)))
		time.Sleep(time.Until(at))
		wg.Go(func() {
			if err := arrive(server, d.id, d.token); err != nil {
				failed.Add(1)
				return
			}
			h.add(time.Since(at))
		})
	}
	wg.Wait()
	got := h.summary()
	fmt.Printf("join     %d end-users in %s: from opening the link to the first event p50 %s, p99 %s, p99.9 %s, failed %d\n",
		s.arrivals, span, round(got.p50), round(got.p99), round(got.p999), failed.Load())
	return nil
}

func arrive(server *server, id, token string) error {
	guest := newClient(server.url)
	resp, err := guest.http.Get(server.url + "/j/" + token)
	if err != nil {
		return err
	}
	resp.Body.Close()
	var entry struct{ You string }
	if err := guest.call("/api/join", `{"token":"`+token+`"}`, &entry); err != nil {
		return err
	}
	first := make(chan struct{}, 64)
	socket, err := guest.live(id, func([]byte) {
		select {
		case first <- struct{}{}:
		default: // only the first ones count
		}
	})
	if err != nil {
		return err
	}
	defer socket.conn.NetConn().Close()
	for range 2 { // the welcome and the events
		select {
		case <-first:
		case <-time.After(30 * time.Second):
			return fmt.Errorf("no event in %s", id)
		}
	}
	return nil
}

func round(d time.Duration) time.Duration {
	if d > 100*time.Millisecond {
		return d.Round(time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}
