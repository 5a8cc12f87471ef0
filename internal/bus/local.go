// Package bus carries notices between the connections of a session.
//
// A bus is a hint and nothing more: it may lose, double or reorder notices,
// and whoever listens reads the log for what they missed. Local is the bus of
// one process, which loses nothing; NATS and Postgres join several.
package bus

import (
	"hash/maphash"
	"sync"

	"deskside"
)

// shards is into how many parts subscriptions are split, so that sessions
// don't wait for each other's lock.
const shards = 64

// Local is a bus within one process. It is safe for concurrent use.
type Local struct {
	seed   maphash.Seed
	shards [shards]shard
	all    shard // who listens to every session
}

type shard struct {
	mu   sync.RWMutex // guards subs
	subs map[deskside.SessionID][]*subscription
}

type subscription struct{ f func(deskside.Notice) }

// NewLocal returns a bus without subscribers.
func NewLocal() *Local { return &Local{seed: maphash.MakeSeed()} }

// Publish calls every subscriber of the notice's session, and those of all
// sessions, before it returns.
func (b *Local) Publish(n deskside.Notice) {
	b.shard(n.Session).publish(n.Session, n)
	b.all.publish("", n)
}

// Subscribe calls f for each notice of the session, or of every session with
// "", until cancel is called. f must not block, must not change the notice,
// and may be called from several goroutines at once. It may be called once
// more while cancel runs.
func (b *Local) Subscribe(id deskside.SessionID, f func(deskside.Notice)) (cancel func()) {
	s := &b.all
	if id != "" {
		s = b.shard(id)
	}
	return s.subscribe(id, f)
}

// Gaps is 0: it is never away.
func (b *Local) Gaps() int64 { return 0 }

func (b *Local) shard(id deskside.SessionID) *shard {
	return &b.shards[maphash.String(b.seed, string(id))%shards]
}

func (s *shard) publish(id deskside.SessionID, n deskside.Notice) {
	s.mu.RLock()
	subs := s.subs[id] // never changed in place, so it can be walked without the lock
	s.mu.RUnlock()
	for _, sub := range subs {
		sub.f(n)
	}
}

func (s *shard) subscribe(id deskside.SessionID, f func(deskside.Notice)) (cancel func()) {
	sub := &subscription{f}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subs == nil {
		s.subs = make(map[deskside.SessionID][]*subscription)
	}
	old := s.subs[id]
	s.subs[id] = append(old[:len(old):len(old)], sub)
	return func() { s.drop(id, sub) }
}

func (s *shard) drop(id deskside.SessionID, sub *subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rest []*subscription
	for _, other := range s.subs[id] {
		if other != sub {
			rest = append(rest, other)
		}
	}
	if rest == nil {
		delete(s.subs, id)
		return
	}
	s.subs[id] = rest
}
