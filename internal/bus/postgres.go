package bus

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"deskside"
)

const (
	// channel is what the nodes of one database listen to (NOTIFY).
	channel = "deskside"
	// A payload of NOTIFY has less than 8,000 bytes; ours are a node, a mark, a
	// place, and base64.
	maxChunk = (7_990 - headLength) / 4 * 3
	// nodeLength is that of a node's name.
	nodeLength = 26
	// headLength is that of all before the base64. The place of a chunk among
	// the others is in it because PostgreSQL keeps but one of equal payloads.
	headLength = nodeLength + 1 + 6
	// maxRound bounds what one transaction notifies of, in bytes.
	maxRound = 256 << 10
	// maxJoined bounds what is put together from the chunks of one node.
	maxJoined = 8 << 20
	// maxNodes bounds of how many nodes chunks wait for the rest.
	maxNodes = 256

	// postgresStep bounds every step: to connect, to notify, to answer.
	postgresStep = 3 * time.Second
	// postgresBeat is after how long a silent server is asked whether it is
	// there.
	postgresBeat = 2 * time.Second
	// The waits before the server is tried again double from the first to the
	// longest.
	postgresFirstWait, postgresLongestWait = 100 * time.Millisecond, 2 * time.Second
)

// Where a chunk stands. A transaction's chunks come in order, with nothing in
// between.
const (
	chunkWhole = "w"
	chunkBegin = "b"
	chunkNext  = "n"
	chunkEnd   = "e"
)

// Postgres is a bus between nodes over LISTEN and NOTIFY of the database that
// they share. Every node gets everything, which is right for a few nodes: NATS
// carries more. It is safe for concurrent use.
type Postgres struct {
	*remote
	config *pgx.ConnConfig
	node   string
	end    context.CancelFunc
	done   sync.WaitGroup
	close  sync.Once

	states sync.Mutex // guards listens and notifies
	// Why it does not listen, and does not notify; nil where it does.
	listens, notifies error
}

var errNoPostgres = errors.New("PostgreSQL is not connected")

// OpenPostgres opens a bus over the database of that URL. Where it does not
// answer it goes on trying, and is not healthy.
func OpenPostgres(ctx context.Context, url string, opt Options) (*Postgres, error) {
	opt.setDefaults()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("bus: the URL of the database is wrong") // what pgx says may hold the password
	}
	config.ConnectTimeout = postgresStep
	// The transactions of NOTIFY wait for each other; none may wait for a disk.
	config.RuntimeParams["synchronous_commit"] = "off"
	b := &Postgres{remote: newRemote(opt), config: config, node: deskside.NewID(), listens: errNoPostgres, notifies: errNoPostgres}
	b.fault = errNoPostgres
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	b.end = end
	b.done.Go(func() { b.keep(life, &b.listens, b.listen) })
	b.done.Go(func() { b.keep(life, &b.notifies, b.notify) })
	return b, nil
}

// Close ends the bus.
func (b *Postgres) Close() error {
	b.close.Do(func() {
		b.end()
		b.done.Wait()
	})
	return nil
}

// keep connects, and does work, again and again until ctx ends. work says by
// ready that it does what it should.
func (b *Postgres) keep(ctx context.Context, state *error, work func(ctx context.Context, c *pgx.Conn, ready func()) error) {
	wait := postgresFirstWait
	for ctx.Err() == nil {
		err := b.connected(ctx, func(c *pgx.Conn) error {
			return work(ctx, c, func() {
				wait = postgresFirstWait
				b.state(state, nil)
			})
		})
		if ctx.Err() != nil {
			return
		}
		b.state(state, fmt.Errorf("%w: %w", errNoPostgres, err))
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, postgresLongestWait)
	}
}

func (b *Postgres) connected(ctx context.Context, work func(*pgx.Conn) error) error {
	limited, cancel := context.WithTimeout(ctx, postgresStep)
	defer cancel()
	c, err := pgx.ConnectConfig(limited, b.config.Copy())
	if err != nil {
		return err
	}
	defer func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), postgresStep)
		defer cancel()
		_ = c.Close(limited)
	}()
	return work(c)
}

// state notes how listening or notifying goes.
func (b *Postgres) state(of *error, fault error) {
	b.states.Lock()
	defer b.states.Unlock()
	*of = fault
	both := b.listens
	if both == nil {
		both = b.notifies
	}
	b.meet(both) // under the lock: the last to meet has the newest
}

// step is one statement, which may not take long.
func step(ctx context.Context, c *pgx.Conn, query string, args ...any) error {
	limited, cancel := context.WithTimeout(ctx, postgresStep)
	defer cancel()
	_, err := c.Exec(limited, query, args...)
	return err
}

// listen hands on what other nodes notify of.
func (b *Postgres) listen(ctx context.Context, c *pgx.Conn, ready func()) error {
	if err := step(ctx, c, "LISTEN "+channel); err != nil {
		return err
	}
	ready()
	parts := make(map[string][]byte)
	for {
		limited, cancel := context.WithTimeout(ctx, postgresBeat)
		n, err := c.WaitForNotification(limited)
		silent := limited.Err() != nil && ctx.Err() == nil
		cancel()
		switch {
		case err == nil:
			b.take(parts, n.Payload)
		case !silent:
			return err
		default:
			if err := step(ctx, c, "SELECT 1"); err != nil {
				return err
			}
		}
	}
}

// take hands on the notices of a payload, once all chunks are there.
func (b *Postgres) take(parts map[string][]byte, payload string) {
	if len(payload) < headLength || payload[:nodeLength] == b.node {
		return
	}
	node, mark := payload[:nodeLength], payload[nodeLength:nodeLength+1]
	chunk, err := base64.StdEncoding.DecodeString(payload[headLength:])
	before := parts[node]
	delete(parts, node)
	switch {
	case err != nil, mark == chunkNext && before == nil, mark == chunkEnd && before == nil, len(before)+len(chunk) > maxJoined:
		b.unread.Add(1)
	case mark == chunkWhole:
		b.hand(chunk)
	case mark == chunkEnd:
		b.hand(append(before, chunk...))
	case mark == chunkNext:
		parts[node] = append(before, chunk...)
	case mark == chunkBegin && len(parts) < maxNodes:
		parts[node] = chunk
	default:
		b.unread.Add(1)
	}
}

// hand hands on notices, each with its length before it.
func (b *Postgres) hand(notices []byte) {
	r := reader{b: notices}
	for len(r.b) > 0 && !r.failed {
		n, err := decode(r.bytes())
		if err != nil || r.failed {
			b.unread.Add(1)
			continue
		}
		b.Local.Publish(n)
	}
}

// notify tells other nodes what waits, as much as there is at once, and in the
// end what still does.
func (b *Postgres) notify(ctx context.Context, c *pgx.Conn, ready func()) error {
	if err := step(ctx, c, "SELECT 1"); err != nil {
		return err
	}
	b.dropWaiting()
	ready()
	beat := time.NewTicker(postgresBeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return b.notifyLast(context.WithoutCancel(ctx), c)
		case <-beat.C:
			if err := step(ctx, c, "SELECT 1"); err != nil {
				return err
			}
		case n := <-b.out:
			if err := b.notifyOf(context.WithoutCancel(ctx), c, n); err != nil {
				return err
			}
		}
	}
}

// notifyOf tells other nodes of a notice, and of what waits behind it.
func (b *Postgres) notifyOf(ctx context.Context, c *pgx.Conn, n deskside.Notice) error {
	round, count := b.gather(n)
	err := step(ctx, c, "SELECT pg_notify($1, p) FROM unnest($2::text[]) p", channel, b.chunks(round))
	if err != nil {
		b.dropped.Add(count)
	}
	return err
}

func (b *Postgres) notifyLast(ctx context.Context, c *pgx.Conn) error {
	for len(b.out) > 0 {
		if err := b.notifyOf(ctx, c, <-b.out); err != nil {
			return err
		}
	}
	return nil
}

// dropWaiting drops what waited while there was no server: what is late is of
// no use, for the log has it.
func (b *Postgres) dropWaiting() {
	for {
		select {
		case <-b.out:
			b.dropped.Add(1)
		default:
			return
		}
	}
}

// gather encodes first and what waits behind it, each with its length before
// it, up to a size, and says how many notices that are.
func (b *Postgres) gather(first deskside.Notice) (round []byte, count int64) {
	for n := first; ; {
		one, err := encode(nil, n)
		if err == nil && len(one) > maxJoined/2 {
			one, err = encode(nil, bare(n))
		}
		if err == nil {
			round = appendBytes(round, one)
			count++
		} else {
			b.dropped.Add(1)
		}
		if len(round) >= maxRound {
			return round, count
		}
		select {
		case n = <-b.out:
		default:
			return round, count
		}
	}
}

// chunks cuts a round into payloads.
func (b *Postgres) chunks(round []byte) []string {
	var list []string
	for i := 0; i < len(round); i += maxChunk {
		chunk := round[i:min(i+maxChunk, len(round))]
		first, last := i == 0, i+maxChunk >= len(round)
		mark := chunkNext
		switch {
		case first && last:
			mark = chunkWhole
		case first:
			mark = chunkBegin
		case last:
			mark = chunkEnd
		}
		var s strings.Builder
		s.Grow(headLength + base64.StdEncoding.EncodedLen(len(chunk)))
		fmt.Fprintf(&s, "%s%s%06d", b.node, mark, len(list))
		s.WriteString(base64.StdEncoding.EncodeToString(chunk))
		list = append(list, s.String())
	}
	return list
}
