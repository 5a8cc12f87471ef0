package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// growthRate is at how many messages a second growth measures.
const growthRate = 4000

// A cost is what a message takes, at a size of something.
type cost struct {
	size     int
	cpu      float64 // microseconds of the server's
	p50, p99 time.Duration
}

// growth measures what a message costs with ever more sessions in the store,
// of which 500 are live, and with ever more of them live.
func growth(s settings) error {
	stored, err := s.whileStoreGrows([]int{1000, 10_000, 100_000})
	if err != nil {
		return err
	}
	live, err := s.whileMoreTalk([]int{100, 1000, 5000})
	if err != nil || s.plot == "" {
		return err
	}
	return os.WriteFile(filepath.Clean(s.plot), plot(stored, live), 0o644) //nolint:gosec // a picture for everybody
}

func (s settings) whileStoreGrows(sizes []int) (costs []cost, err error) {
	server, err := startServer(s)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	there := 0
	for _, size := range sizes {
		if _, err := server.pairs(size - there - s.sessions); err != nil {
			return nil, err
		}
		c, err := server.cost(s.sessions, s.seconds)
		if err != nil {
			return nil, err
		}
		there, c.size = size, size
		c.print("stored")
		costs = append(costs, c)
	}
	return costs, nil
}

func (s settings) whileMoreTalk(sizes []int) (costs []cost, err error) {
	for _, size := range sizes {
		server, err := startServer(s)
		if err != nil {
			return nil, err
		}
		c, err := server.cost(size, s.seconds)
		server.stop()
		if err != nil {
			return nil, err
		}
		c.size = size
		c.print("live")
		costs = append(costs, c)
	}
	return costs, nil
}

// cost measures with so many live sessions, which are new and over afterwards.
func (s *server) cost(sessions, seconds int) (cost, error) {
	crowd, err := s.crowd(sessions)
	if err != nil {
		return cost{}, err
	}
	defer crowd.leave()
	if _, err := crowd.run(growthRate/2, 2); err != nil {
		return cost{}, err
	}
	r, err := crowd.run(growthRate, seconds)
	if err == nil {
		err = r.err()
	}
	return cost{cpu: 1e6 * r.cpu / r.reached, p50: r.ack.p50, p99: r.ack.p99}, err
}

func (c cost) print(what string) {
	fmt.Printf("growth  %7d sessions %-6s %d messages/s: %.0f µs of CPU a message, to the ack p50 %s, p99 %s\n", c.size, what, growthRate, c.cpu, round(c.p50), round(c.p99))
}
