package main

import (
	"math"
	"slices"
	"sync"
	"time"
)

// A histogram collects latencies.
type histogram struct {
	mu     sync.Mutex // guards values
	values []time.Duration
}

func (h *histogram) add(d time.Duration) {
	h.mu.Lock()
	h.values = append(h.values, d)
	h.mu.Unlock()
}

// A summary is what is printed of a histogram.
type summary struct {
	n                    int
	p50, p99, p999, most time.Duration
}

func (h *histogram) summary() summary {
	h.mu.Lock()
	defer h.mu.Unlock()
	slices.Sort(h.values)
	return summary{len(h.values), quantile(h.values, .5), quantile(h.values, .99), quantile(h.values, .999), quantile(h.values, 1)}
}

// quantile returns the smallest of the sorted values that at least the share
// q of them do not exceed (nearest rank).
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// round makes a latency readable.
func round(d time.Duration) time.Duration {
	if d > 100*time.Millisecond {
		return d.Round(time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}
