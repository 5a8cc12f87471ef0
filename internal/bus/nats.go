package bus

import (
	"context"
	"encoding/base64"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"deskside"
)

const (
	natsConnectFor = 2 * time.Second
	// A silent server is given up after two pings without an answer.
	natsPing = 2 * time.Second
	// natsWait is how long to wait before a server is tried again, with as much
	// jitter.
	natsWait = 500 * time.Millisecond
	// natsFlush bounds the wait until the server knows of a subscription. What
	// comes before that, the poll brings.
	natsFlush = 250 * time.Millisecond
	// natsInbox is how many messages wait at most to be handed on.
	natsInbox = 65_536
)

var errNoNATS = errors.New("NATS is not connected")

// NATS is a bus between nodes over core NATS. Each session has a subject, to
// which a node listens while somebody watches the session there; a subject of
// all sessions has what lists need. It is safe for concurrent use.
type NATS struct {
	*remote
	conn   *nats.Conn
	prefix string
	inbox  chan *nats.Msg
	ended  chan struct{} // closed by Close
	done   sync.WaitGroup
	close  sync.Once

	subjects sync.Mutex // guards heard
	heard    map[deskside.SessionID]*heard
}

type heard struct {
	subscription *nats.Subscription
	by           int // subscribers of this node
}

// OpenNATS opens a bus over the servers of that URL (nats://host:port, several
// with commas between them; tls:// for TLS). Where none answers it goes on
// trying, and is not healthy.
func OpenNATS(_ context.Context, url string, opt Options) (*NATS, error) {
	opt.setDefaults()
	b := &NATS{
		remote: newRemote(opt), prefix: "deskside." + opt.name() + ".",
		inbox: make(chan *nats.Msg, natsInbox), ended: make(chan struct{}), heard: make(map[deskside.SessionID]*heard),
	}
	b.fault = errNoNATS
	conn, err := nats.Connect(url,
		nats.Name("deskside"), nats.NoEcho(), nats.Timeout(natsConnectFor),
		nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true), nats.ReconnectWait(natsWait), nats.ReconnectJitter(natsWait, natsWait),
		nats.ReconnectBufSize(-1), // what is late is of no use: the log has it
		nats.PingInterval(natsPing), nats.MaxPingsOutstanding(2),
		nats.ConnectHandler(func(*nats.Conn) { b.meet(nil) }),
		nats.ReconnectHandler(func(*nats.Conn) { b.meet(nil) }),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { b.meet(errNoNATS) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrSlowConsumer) {
				b.unread.Add(1)
				return
			}
			b.log.Warn("NATS", "error", err)
		}))
	if err != nil {
		return nil, errors.New("bus: the NATS URL is wrong") // what nats says may hold the password
	}
	b.conn = conn
	b.done.Go(b.send)
	b.done.Go(b.receive)
	return b, nil
}

// Close ends the bus.
func (b *NATS) Close() error {
	b.close.Do(func() {
		close(b.ended)
		b.done.Wait()
		b.conn.Close()
	})
	return nil
}

// subject is the session's; "" stands for all. An id may hold anything that a
// browser sends, subjects may not.
func (b *NATS) subject(id deskside.SessionID) string {
	if id == "" {
		return b.prefix + "all"
	}
	return b.prefix + "s." + base64.RawURLEncoding.EncodeToString([]byte(id))
}

// Subscribe implements desk.Bus.
func (b *NATS) Subscribe(id deskside.SessionID, f func(deskside.Notice)) (cancel func()) {
	forget := b.Local.Subscribe(id, f)
	b.hear(id)
	return sync.OnceFunc(func() {
		forget()
		b.unhear(id)
	})
}

// hear listens to the session's subject, if nobody here does.
func (b *NATS) hear(id deskside.SessionID) {
	b.subjects.Lock()
	h := b.heard[id]
	if h == nil {
		h = &heard{}
		b.heard[id] = h
		var err error
		if h.subscription, err = b.conn.ChanSubscribe(b.subject(id), b.inbox); err != nil {
			b.log.Warn("a session is not listened to", "error", err) // the bus was closed
		}
	}
	h.by++
	first := h.by == 1
	b.subjects.Unlock()
	if first && b.conn.IsConnected() {
		_ = b.conn.FlushTimeout(natsFlush)
	}
}

func (b *NATS) unhear(id deskside.SessionID) {
	b.subjects.Lock()
	defer b.subjects.Unlock()
	h := b.heard[id]
	if h.by--; h.by > 0 {
		return
	}
	delete(b.heard, id)
	if h.subscription != nil {
		_ = h.subscription.Unsubscribe() // the bus was closed
	}
}

// send publishes what waits, and in the end what still does.
func (b *NATS) send() {
	for {
		select {
		case n := <-b.out:
			b.publish(n)
		case <-b.ended:
			for len(b.out) > 0 {
				b.publish(<-b.out)
			}
			return
		}
	}
}

func (b *NATS) publish(n deskside.Notice) {
	if err := b.tryPublish(n); err != nil {
		b.dropped.Add(1)
	}
}

func (b *NATS) tryPublish(n deskside.Notice) error {
	payload, err := encode(nil, n)
	if err == nil && int64(len(payload)) > b.conn.MaxPayload() {
		payload, err = encode(nil, bare(n))
	}
	if err != nil {
		return err
	}
	if err := b.conn.Publish(b.subject(n.Session), payload); err != nil {
		return err
	}
	if !forLists(n) {
		return nil
	}
	if payload, err = encode(nil, bare(n)); err != nil {
		return err
	}
	return b.conn.Publish(b.subject(""), payload)
}

// forLists says whether a notice goes to those who listen to every session:
// what is of the moment between two people is not theirs.
func forLists(n deskside.Notice) bool {
	return n.Signal == nil || n.Signal.Kind == deskside.SignalPresence
}

// receive hands on what other nodes published.
func (b *NATS) receive() {
	all := b.subject("")
	for {
		select {
		case <-b.ended:
			return
		case m := <-b.inbox:
			n, err := decode(m.Data)
			switch {
			case err != nil:
				b.unread.Add(1)
			case m.Subject == all:
				b.all.publish("", n)
			default:
				b.shard(n.Session).publish(n.Session, n)
			}
		}
	}
}
