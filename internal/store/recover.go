package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"deskside"
)

const (
	// The waits between tries to go on after a fault: the first try is made at
	// once, then they double.
	firstWait, longestWait = 100 * time.Millisecond, 2 * time.Second
)

// failed turns a fault of the database into a refusal; context errors and
// refusals stay what they are.
func failed(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), deskside.CodeOf(err) != deskside.CodeInternal:
		return err
	}
	return deskside.Unavailable(fmt.Errorf("%s: %w", what, err))
}

// broke stops the acknowledging and begins the recovery. The writers do not
// touch the database until the fault is gone.
func (s *Store) broke(ctx context.Context, fault error) {
	if !s.fault.CompareAndSwap(nil, &fault) {
		return // another writer met it first
	}
	s.log.Error("the database failed; nothing is stored until it is well again", "error", fault)
	s.done.Go(func() { s.recover(ctx, fault) })
}

// recover tries until the database stores again.
func (s *Store) recover(ctx context.Context, fault error) {
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		err := s.engine.heal(ctx, fault)
		if err == nil {
			s.sessions.clear() // they may lack what a failed commit stored after all
			s.fault.Store(nil)
			s.log.Info("the database stores again")
			return
		}
		fault = err
		s.fault.Store(&err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}
