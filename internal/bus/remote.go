package bus

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"sync"
	"sync/atomic"

	"deskside"
)

// Options are the settings of a bus between nodes.
type Options struct {
	// Installation tells those apart who share a NATS server: nodes hear each
	// other where it is the same.
	Installation []byte
	Logger       *slog.Logger // discards by default
}

func (o *Options) setDefaults() {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// name is the installation's in subjects; nothing follows from it.
func (o *Options) name() string {
	sum := sha256.Sum256(o.Installation)
	return hex.EncodeToString(sum[:8])
}

// waiting is how many notices to other nodes wait at most: at ten thousand a
// second almost a second's.
const waiting = 8192

// remote is what the buses between nodes have in common: what is published
// reaches the subscribers of this node at once, and waits for those of others.
type remote struct {
	*Local
	log     *slog.Logger
	out     chan deskside.Notice
	dropped atomic.Int64
	unread  atomic.Int64
	gaps    atomic.Int64

	mu    sync.Mutex // guards fault
	fault error      // why notices do not come or go; nil while they do
}

func newRemote(opt Options) *remote {
	return &remote{Local: NewLocal(), log: opt.Logger, out: make(chan deskside.Notice, waiting)}
}

// Publish hands the notice to this node's subscribers before it returns, and
// to those of other nodes later. Where too many wait it is dropped.
func (r *remote) Publish(n deskside.Notice) {
	r.Local.Publish(n)
	select {
	case r.out <- n:
	default:
		r.dropped.Add(1)
	}
}

// Dropped returns how many notices did not reach the other nodes, or were not
// understood here.
func (r *remote) Dropped() int64 { return r.dropped.Load() + r.unread.Load() }

// Gaps counts how often the bus was away and is back.
func (r *remote) Gaps() int64 { return r.gaps.Load() }

// Healthy says why notices of other nodes may not come now, or nil.
func (r *remote) Healthy() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fault
}

// meet notes a fault, or with nil that all is well, and logs what is new.
func (r *remote) meet(fault error) {
	r.mu.Lock()
	before := r.fault
	r.fault = fault
	if fault == nil && before != nil {
		r.gaps.Add(1)
	}
	r.mu.Unlock()
	switch {
	case fault != nil && before == nil:
		r.log.Warn("the bus is away; the database is asked each second what other nodes did", "error", fault)
	case fault == nil && before != nil:
		r.log.Info("the bus is there")
	}
}

// bare is the notice without its events: whoever needs them reads them.
func bare(n deskside.Notice) deskside.Notice {
	n.Events = nil
	return n
}
