package store_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"deskside"
	"deskside/internal/postgrestest"
	"deskside/internal/store"
)

// BenchmarkUpdate stores messages of 120 bytes in 500 sessions with 512
// writers that wait, as a busy server does.
func BenchmarkUpdate(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { benchmarkUpdate(b, filepath.Join(b.TempDir(), "bench.db")) })
	b.Run("PostgreSQL", func(b *testing.B) { benchmarkUpdate(b, postgrestest.New(b)) })
}

func benchmarkUpdate(b *testing.B, source string) {
	s, err := store.Open(b.Context(), source, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	const sessions = 500
	ids := make([]deskside.SessionID, sessions)
	for i := range ids {
		ids[i] = deskside.SessionID(fmt.Sprintf("session-%d", i))
		_, err := s.Update(b.Context(), ids[i], func(*deskside.Session) (deskside.Change, error) {
			return deskside.Change{Events: []deskside.Event{
				{By: "agent", Body: &deskside.Created{Agent: "agent", Expires: time.Now().Add(time.Hour)}},
				{By: "guest", Body: &deskside.Arrived{Participant: "guest", Role: deskside.RoleEndUser}},
			}}, nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	text := fmt.Sprintf("%0120d", 7)
	var next atomic.Int64
	b.SetParallelism(256)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := next.Add(1)
			_, err := s.Update(b.Context(), ids[n%sessions], func(x *deskside.Session) (deskside.Change, error) {
				body, err := x.Post("guest", text, time.Now())
				return deskside.Change{Events: []deskside.Event{{By: "guest", ID: fmt.Sprint(n), Body: body}}}, err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
}
