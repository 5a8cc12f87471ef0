package desk

import (
	"context"
	"sync"
	"time"

	"deskside"
)

const (
	// maxReady bounds the events that wait in memory for one reader. What is
	// more is read from the store once the reader gets there.
	maxReady = 64
	// maxSignals bounds the signals that wait for one reader. The oldest go.
	maxSignals = 64
	// pageSize is how many events a reader gets from the store at once.
	pageSize = 200
)

// A Watch is one connection's view of a session: it hands out, in order and
// once, every event after the number that the reader came with, and the
// signals of the moment. Its owner calls Next whenever notify was called, and
// Close in the end.
//
// What the bus brings is only a hint. A watch sends what is the very next
// number; anything else it reads from the store.
type Watch struct {
	desk    *Desk
	session deskside.SessionID
	who     deskside.Actor
	created time.Time
	line    line
	notify  func()
	control bool // hears what helper and agent say to each other, and is nobody's presence
	cancel  []func()

	mu       sync.Mutex // guards what follows
	sent     int64      // the reader has everything up to here
	top      int64      // the newest number heard of
	judged   int64      // up to here it is known what the reader's standing is
	ready    []deskside.Event
	signals  []deskside.Signal
	standing deskside.Standing
	told     deskside.Standing // the standing that the reader knows of
	ended    bool              // the session is over
	asking   string            // the request that the reader waits for the answer of
}

// A Greeting is what a reader needs to know first.
type Greeting struct {
	Standing  deskside.Standing
	Number    int64
	Presence  []deskside.PresenceOf
	Marks     map[deskside.ParticipantID]deskside.Marks
	Visits    int // agents only
	WrongKeys int // agents only
}

// A Batch is what a reader gets next.
type Batch struct {
	After, Upto int64            // the numbers that Events cover; equal where there are none
	Events      []deskside.Event // all that the reader may see
	Signals     []deskside.Signal
	Standing    deskside.Standing // set when the reader's own has changed
	Ended       bool              // nothing follows: the session has ended
}

// Empty says whether there is nothing to tell.
func (b Batch) Empty() bool {
	return b.After == b.Upto && len(b.Signals) == 0 && b.Standing == "" && !b.Ended
}

// Watch begins to watch a session after the given number. notify is called,
// from any goroutine, whenever Next has something; it must not block.
func (d *Desk) Watch(ctx context.Context, who deskside.Actor, id deskside.SessionID, after int64, notify func()) (*Watch, Greeting, error) {
	w := &Watch{desk: d, session: id, who: who, sent: max(after, 0), notify: notify}
	w.subscribe()
	greeting, err := w.greet(ctx)
	if err != nil {
		w.unsubscribe()
		return nil, greeting, err
	}
	return w, greeting, w.connect(ctx)
}

func (w *Watch) subscribe() {
	w.cancel = append(w.cancel, w.desk.bus.Subscribe(w.session, w.hear))
	if w.who.Role == deskside.RoleAgent {
		w.cancel = append(w.cancel, w.desk.bus.Subscribe(wrongKeysTopic, w.hear))
	}
	w.desk.polled.add(w)
	w.cancel = append(w.cancel, func() { w.desk.polled.drop(w) })
}

func (w *Watch) unsubscribe() {
	for _, cancel := range w.cancel {
		cancel()
	}
}

func (w *Watch) greet(ctx context.Context) (g Greeting, err error) {
	d := w.desk
	err = d.view(ctx, w.who, w.session, func(s *deskside.Session) {
		g.Number, w.created = s.Number, s.Created
		w.mu.Lock()
		w.top = max(w.top, s.Number)
		w.sent = min(w.sent, s.Number)
		w.judge(s)
		g.Standing, w.told = w.standing, w.standing
		w.mu.Unlock()
	})
	if err != nil || !w.takesPart() {
		return g, err
	}
	if g.Presence, err = d.store.Present(ctx, w.session); err != nil {
		return g, err
	}
	if g.Marks, err = d.store.Marks(ctx, w.session); err != nil || w.who.Role != deskside.RoleAgent {
		return g, err
	}
	card, err := d.KeyCard(ctx, w.who, w.session)
	g.Visits, g.WrongKeys = card.Visits, card.WrongKeys
	return g, err
}

// judge takes from the session what the reader's standing is.
func (w *Watch) judge(s *deskside.Session) {
	if s.Number < w.judged {
		return // what the bus brought is newer
	}
	w.judged, w.ended, w.standing = s.Number, !s.EndedAt.IsZero(), deskside.Taking
	if p := s.Participant(w.who.ID); p != nil && w.who.Role == deskside.RoleEndUser {
		w.standing = p.Standing
	}
}

// catchUpOutside looks how somebody stands who takes no part, and so reads
// nothing, where the bus did not say.
func (w *Watch) catchUpOutside(ctx context.Context) error {
	w.mu.Lock()
	known, top := w.takesPart() || w.judged >= w.top, w.top
	w.mu.Unlock()
	if known {
		return nil
	}
	return w.desk.view(ctx, w.who, w.session, func(s *deskside.Session) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.judge(s)
		if w.top == top {
			w.top = s.Number // what is beyond the log is not to be waited for
		}
	})
}

// connect makes the reader present.
func (w *Watch) connect(ctx context.Context) error {
	if !w.takesPart() {
		return nil
	}
	if err := w.line.open(ctx, w.desk, w.session, w.who.ID); err != nil {
		w.unsubscribe()
		return err
	}
	w.desk.connected(ctx, w.who.ID, w.session)
	return nil
}

// Away says whether the reader's page is out of view.
func (w *Watch) Away(ctx context.Context, away bool) error { return w.line.away(ctx, away) }

// Close ends the watch; the reader's connection is gone.
func (w *Watch) Close(ctx context.Context) {
	w.unsubscribe()
	if err := w.line.close(ctx); err != nil {
		w.desk.log.Warn("a lost connection was not recorded", "session", w.session, "participant", w.who.ID, "error", err)
	}
}

func (w *Watch) takesPart() bool {
	return w.standing != deskside.Knocking && w.standing != deskside.Entering && w.standing != deskside.Turned
}

// Asking says which request of the reader's is being carried out, "" for none.
// What follows from it alone is not notified of: the answer is, and both leave
// together.
func (w *Watch) Asking(request string) {
	w.mu.Lock()
	w.asking = request
	w.mu.Unlock()
}

// hear takes what the bus brings.
func (w *Watch) hear(n deskside.Notice) {
	w.mu.Lock()
	news := w.take(n) && !w.awaited(n)
	w.mu.Unlock()
	if news {
		w.notify()
	}
}

func (w *Watch) take(n deskside.Notice) (news bool) {
	if n.Signal != nil {
		return w.takeSignal(*n.Signal)
	}
	for i := range n.Events {
		w.takeEvent(&n.Events[i])
	}
	if n.Number <= w.top && len(n.Events) == 0 {
		return false
	}
	w.top = max(w.top, n.Number)
	return true
}

// awaited says whether all of it is what follows from the reader's request.
func (w *Watch) awaited(n deskside.Notice) bool {
	for i := range n.Events {
		if w.asking == "" || n.Events[i].ID != w.asking || n.Events[i].By != w.who.ID {
			return false
		}
	}
	return n.Signal == nil && len(n.Events) > 0
}

// concerns says whether such a signal is for this kind of watch.
func (w *Watch) concerns(k deskside.SignalKind) bool {
	switch k {
	case deskside.SignalLetGo:
		return false
	case deskside.SignalControl, deskside.SignalAimed:
		return w.control
	case deskside.SignalPresence:
		return true
	}
	return !w.control
}

func (w *Watch) takeSignal(s deskside.Signal) bool {
	if !w.concerns(s.Kind) || !s.Audience().Sees(w.who.Role) || !w.takesPart() || s.By == w.who.ID && s.Kind == deskside.SignalTyping || s.To != "" && s.To != w.who.ID {
		return false
	}
	for i, old := range w.signals {
		if !s.Kind.Each() && old.Kind == s.Kind && old.By == s.By && old.File == s.File {
			w.signals[i] = s // only the newest of a kind counts
			return true
		}
	}
	if len(w.signals) == maxSignals {
		w.signals = w.signals[1:]
	}
	w.signals = append(w.signals, s)
	return true
}

func (w *Watch) takeEvent(e *deskside.Event) {
	switch b := e.Body.(type) {
	case *deskside.Admitted:
		if b.Participant == w.who.ID {
			w.standing = deskside.Entering
		}
	case *deskside.Refused:
		if b.Participant == w.who.ID {
			w.standing = deskside.Turned
		}
	case *deskside.Ended:
		w.ended = true
	}
	if w.judged > 0 && e.Seq == w.judged+1 {
		w.judged = e.Seq
	}
	if next := w.sent + int64(len(w.ready)) + 1; e.Seq == next && len(w.ready) < maxReady {
		w.ready = append(w.ready, *e)
	}
}

// Next returns what the reader gets next; it is Empty when there is nothing.
func (w *Watch) Next(ctx context.Context) (Batch, error) {
	if err := w.catchUpOutside(ctx); err != nil {
		return Batch{}, err
	}
	w.mu.Lock()
	b := Batch{After: w.sent, Upto: w.sent, Signals: w.signals}
	w.signals = nil
	ready, behind := w.ready, w.top > w.sent
	w.ready = nil
	if w.standing != w.told {
		b.Standing, w.told = w.standing, w.standing
	}
	if !w.takesPart() {
		b.Ended = w.ended
		w.mu.Unlock()
		return b, nil
	}
	if len(ready) > 0 {
		w.sent = ready[len(ready)-1].Seq
	}
	w.mu.Unlock()

	var err error
	switch {
	case len(ready) > 0:
		b.Events, b.Upto = visible(ready, w.who.Role), ready[len(ready)-1].Seq
	case behind:
		err = w.catchUp(ctx, &b)
	}
	if err == nil {
		err = w.countWrongKeys(ctx, b.Signals)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	b.Ended = w.ended && w.sent >= w.top
	return b, err
}

// catchUp reads the next page from the store.
func (w *Watch) catchUp(ctx context.Context, b *Batch) (err error) {
	b.Events, b.Upto, err = w.desk.read(ctx, w.who.Role, w.session, b.After, pageSize)
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range b.Events {
		_, over := b.Events[i].Body.(*deskside.Ended)
		w.ended = w.ended || over
	}
	w.sent = b.Upto
	w.ready = nil // began at the old number
	if b.Upto < w.top && err == nil && b.Upto == b.After {
		w.top = b.Upto // heard of a number that the log does not have: not to be waited for
	}
	return err
}

// countWrongKeys fills in the total: the notice says only that it grew.
func (w *Watch) countWrongKeys(ctx context.Context, signals []deskside.Signal) (err error) {
	for i := range signals {
		if signals[i].Kind == deskside.SignalWrongKeys {
			if signals[i].Count, err = w.desk.wrongKeys(ctx, w.created); err != nil {
				return err
			}
		}
	}
	return nil
}

// More says whether Next has more to give.
func (w *Watch) More() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.standing != w.told || len(w.signals) > 0 {
		return true
	}
	return w.takesPart() && w.top > w.sent
}
