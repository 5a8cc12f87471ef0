package node

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"deskside/internal/store"
)

// tellEvery is how often MigrateStore says how far it is.
const tellEvery = time.Second

// MigrateStore copies everything from one database to another and compares
// both ([store.Migrate]). It tells a person on w how far it is.
func MigrateStore(ctx context.Context, from, to string, log *slog.Logger, w io.Writer) error {
	var told time.Time
	var last store.Progress
	err := store.Migrate(ctx, from, to, store.Options{Logger: log}, func(p store.Progress) {
		if last = p; p.Checking {
			fmt.Fprintln(w, "all sessions are copied; comparing")
		} else if time.Since(told) >= tellEvery {
			told = time.Now()
			fmt.Fprintf(w, "%d of %d sessions\n", p.Sessions, p.Of)
		}
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "done: %d sessions, and the copy is the same\n", last.Sessions)
	return err
}
