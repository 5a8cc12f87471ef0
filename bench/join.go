package main

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// stormTime is how long a storm of arrivals lasts.
const stormTime = 10 * time.Second

// joinStorm lets many end-users arrive at an even pace: each opens the link,
// joins, connects, and waits for the first event.
func joinStorm(s settings) error {
	server, err := startServer(s)
	if err != nil {
		return err
	}
	defer server.stop()
	doors, err := server.doors(s.arrivals)
	if err != nil {
		return err
	}
	m, err := server.meter()
	if err != nil {
		return err
	}
	var h histogram
	failed, reason := storm(server, doors, &h)
	used, err := m.read()
	if err != nil {
		return err
	}
	got := h.summary()
	fmt.Printf("join    %d end-users in %s: from opening the link to the first event p50 %s, p99 %s, p99.9 %s, failed %d; server %s CPU, %s MiB\n",
		s.arrivals, stormTime, round(got.p50), round(got.p99), round(got.p999), failed, used.percent(), used.mebi())
	return reason
}

// A door is a session that waits for its end-user.
type door struct{ id, token string }

func (s *server) doors(n int) ([]door, error) {
	doors := make([]door, n)
	return doors, parallel(n, setupAtOnce, func(i int) (err error) {
		doors[i].id, doors[i].token, err = s.newSession()
		return err
	})
}

// storm lets everybody arrive and returns how many could not, and why one of
// them. Times count from when each was due.
func storm(s *server, doors []door, h *histogram) (failed int64, reason error) {
	var count atomic.Int64
	var last atomic.Pointer[error]
	var wg sync.WaitGroup
	began := time.Now()
	for i, d := range doors {
		due := began.Add(stormTime * time.Duration(i) / time.Duration(len(doors)))
		time.Sleep(time.Until(due))
		wg.Go(func() {
			if err := d.arrive(s); err != nil {
				count.Add(1)
				last.Store(&err)
				return
			}
			h.add(time.Since(due))
		})
	}
	wg.Wait()
	if err := last.Load(); err != nil {
		reason = *err
	}
	return count.Load(), reason
}

// arrive does what an end-user's browser does until it shows the chat.
func (d door) arrive(s *server) error {
	guest := newClient(s.url)
	if _, err := guest.page("/j/" + d.token); err != nil {
		return err
	}
	var entry struct{ You string }
	if err := guest.call("/api/join", `{"token":"`+d.token+`"}`, &entry); err != nil {
		return err
	}
	first := make(chan struct{}, 1)
	socket, err := guest.live(s.nodes[0], d.id, func(frame []byte) {
		if !bytes.HasPrefix(frame, []byte(`{"type":"events"`)) {
			return
		}
		select {
		case first <- struct{}{}:
		default: // only the first counts
		}
	}, nil)
	if err != nil {
		return err
	}
	defer socket.conn.NetConn().Close()
	select {
	case <-first:
		return nil
	case <-time.After(30 * time.Second):
		return fmt.Errorf("no event in session %s", d.id)
	}
}
