package desk

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"deskside"
)

const (
	// leaseFor is for how long a file that comes by one node is kept from the
	// others after that node said so last.
	leaseFor = 10 * time.Second
	// lapse is when a node that could not say so reads no more. It is less than
	// leaseFor by what the clocks of nodes may differ.
	lapse = 6 * time.Second
	// letGoEvery is how often another node is asked to let go of a file, and
	// tryEvery how often it is looked whether it has.
	letGoEvery, tryEvery = 500 * time.Millisecond, 20 * time.Millisecond
)

// A hold makes a file's bytes come by one node only.
type hold struct {
	desk    *Desk
	name    string
	owner   string
	forget  func()
	renewed atomic.Int64 // when, on this machine's own clock, in nanoseconds
	began   time.Time
}

// holdUpload waits until the file is this call's. cut is called when another
// connection goes on for the file.
func (d *Desk) holdUpload(ctx context.Context, session deskside.SessionID, id deskside.FileID, cut func()) (*hold, error) {
	h := &hold{desk: d, name: "upload " + string(id), owner: deskside.NewID(), began: time.Now()}
	asked := time.Time{}
	for {
		err := h.renew(ctx)
		if err == nil {
			break
		}
		if deskside.CodeOf(err) != deskside.CodeFileOffset || time.Since(h.began) > leaseFor+time.Second {
			return nil, err
		}
		if time.Since(asked) > letGoEvery {
			asked = time.Now()
			d.signal(session, "", deskside.Signal{Kind: deskside.SignalLetGo, File: id})
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(tryEvery):
		}
	}
	h.forget = d.bus.Subscribe(session, func(n deskside.Notice) {
		if n.Signal != nil && n.Signal.Kind == deskside.SignalLetGo && n.Signal.File == id {
			cut()
		}
	})
	return h, nil
}

// FreeUpload makes whichever node receives a file let go of it: whoever calls
// goes on for it.
func (d *Desk) FreeUpload(ctx context.Context, session deskside.SessionID, id deskside.FileID) error {
	h, err := d.holdUpload(ctx, session, id, func() {})
	if err != nil {
		return err
	}
	h.release(ctx)
	return nil
}

// renew makes the file this call's for longer.
func (h *hold) renew(ctx context.Context) error {
	before := time.Since(h.began)
	held, err := h.desk.store.Lease(ctx, h.name, h.owner, h.desk.now().Add(leaseFor))
	if err == nil && !held {
		err = deskside.Errorf(deskside.CodeFileOffset, "The file comes by another connection.")
	}
	if err == nil {
		h.renewed.Store(int64(before))
	}
	return err
}

func (h *hold) release(ctx context.Context) {
	h.forget()
	if err := h.desk.store.Unlease(context.WithoutCancel(ctx), h.name, h.owner); err != nil {
		h.desk.log.Warn("a file was not let go of; it is in a moment", "error", err)
	}
}

// reader reads r as long as the file is certainly this call's.
func (h *hold) reader(ctx context.Context, r io.Reader) io.Reader { return heldReader{ctx, h, r} }

type heldReader struct {
	ctx  context.Context // of Upload: io.Reader takes none
	hold *hold
	r    io.Reader
}

func (r heldReader) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	if time.Since(r.hold.began)-time.Duration(r.hold.renewed.Load()) > lapse && r.hold.renew(r.ctx) != nil {
		return 0, io.ErrUnexpectedEOF // it hung, and another goes on
	}
	return n, err
}
