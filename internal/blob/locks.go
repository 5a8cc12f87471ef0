package blob

import (
	"context"
	"sync"
)

// locks let the calls for one name wait for each other.
type locks struct {
	mu   sync.Mutex
	held map[string]*lock // guarded by mu
}

type lock struct {
	turn  chan struct{} // holds one value while somebody holds the lock
	users int           // who holds it or waits; guarded by locks.mu
}

// lock waits until nobody else holds the name, and returns what gives it
// back. The error is that of ctx.
func (l *locks) lock(ctx context.Context, name string) (unlock func(), err error) {
	one := l.join(name)
	select {
	case one.turn <- struct{}{}:
		return func() { <-one.turn; l.leave(name, one) }, nil
	case <-ctx.Done():
		l.leave(name, one)
		return nil, ctx.Err()
	}
}

func (l *locks) join(name string) *lock {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = make(map[string]*lock)
	}
	one := l.held[name]
	if one == nil {
		one = &lock{turn: make(chan struct{}, 1)}
		l.held[name] = one
	}
	one.users++
	return one
}

func (l *locks) leave(name string, one *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one.users--; one.users == 0 {
		delete(l.held, name)
	}
}
