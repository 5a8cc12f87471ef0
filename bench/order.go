package main

import "sync"

// A ledger checks what one reader received: every message once, in the order
// in which its sender sent them.
type ledger struct {
	mu         sync.Mutex // guards what follows
	seen       map[int]bool
	last       int
	doubled    int
	misordered int
}

func newLedger() *ledger { return &ledger{seen: make(map[int]bool), last: -1} }

// receive records that message n of the sender arrived.
func (l *ledger) receive(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.seen[n]:
		l.doubled++
		return
	case n < l.last:
		l.misordered++
	}
	l.seen[n] = true
	l.last = max(l.last, n)
}

// lost returns how many of the first sent messages never arrived.
func (l *ledger) lost(sent int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return sent - len(l.seen)
}

// faults returns what came twice and what came late.
func (l *ledger) faults() (doubled, misordered int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.doubled, l.misordered
}
