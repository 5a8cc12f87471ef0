package main

import (
	"testing"
	"time"
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
	if l.doubled != 1 || l.misordered != 1 || l.lost(6) != 1 {
		t.Errorf("doubled %d, misordered %d, lost %d; want 1 each", l.doubled, l.misordered, l.lost(6))
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
	rss, err := parseRSS("VmPeak:\t 9 kB\nVmRSS:\t   2048 kB\nThreads: 3\n")
	if err != nil || rss != 2<<20 {
		t.Errorf("memory %d, %v", rss, err)
	}
	if _, err := parseRSS("VmPeak: 9 kB"); err == nil {
		t.Error("read memory from nothing")
	}
}
