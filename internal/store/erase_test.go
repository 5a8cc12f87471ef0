package store_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deskside"
	"deskside/internal/store"
)

// TestForgottenLeavesNoByte forgets some of many sessions, over and over, and
// looks for their words in the files: whole, and each as the search keeps it.
func TestForgottenLeavesNoByte(t *testing.T) {
	t.Run("with a small index", forgottenLeavesNoByte)
	t.Run("with a large index", func(t *testing.T) {
		t.Cleanup(store.MergeAbove(10))
		forgottenLeavesNoByte(t)
	})
}

func forgottenLeavesNoByte(t *testing.T) {
	folder := t.TempDir()
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	s := open(t, filepath.Join(folder, "deskside.db"), store.Options{Clock: func() time.Time { return now }})
	word := func(round, i int) string { return fmt.Sprintf("zq%dx%dqz", round, i) }
	const rounds, each = 10, 39
	erased := 0
	for round := range rounds {
		for i := range each {
			id := deskside.SessionID(fmt.Sprint(round, "-", i))
			now = now.Add(time.Duration((i*32)%each) * time.Second) // forgotten in another order than made
			// From a line to many pages: cells, overflow pages, segments.
			text := strings.Repeat(word(round, i)+" and other words ", 1+(i%5)*((i+2)%5)*4)
			say(t, s, id, &deskside.Message{Text: text}, &deskside.Noted{Text: "note " + word(round, i)}, &deskside.Titled{Title: word(round, i)},
				&deskside.Ended{Reason: deskside.EndedByAgent})
			if i%4 != 0 {
				continue
			}
			say(t, s, id, &deskside.Summarized{Note: "again " + word(round, i), Outcome: deskside.OutcomeResolved, Tags: []string{word(round, i)}})
		}
		now = now.Add(2 * time.Hour)
		cut := now.Add(-160 * time.Minute)
		n, err := s.Forget(t.Context(), cut, cut)
		if err != nil {
			t.Fatal(err)
		}
		erased += n
		files := read(t, folder)
		for r := range round + 1 {
			for i := range each {
				kept := false
				err := s.View(t.Context(), deskside.SessionID(fmt.Sprint(r, "-", i)), func(*deskside.Session) error { kept = true; return nil })
				if kept != bytes.Contains(files, []byte(word(r, i))) {
					t.Errorf("round %d: %s is kept: %v (%v), but stands in the files: %v", round, word(r, i), kept, err, !kept)
				}
			}
		}
	}
	if erased == 0 || erased == rounds*each {
		t.Errorf("%d of %d sessions were erased: this test could not fail", erased, rounds*each)
	}
	if err := store.Check(s); err != nil {
		t.Errorf("the database is damaged: %v", err)
	}
}

func say(t *testing.T, s *store.Store, id deskside.SessionID, bodies ...deskside.Body) {
	t.Helper()
	for _, body := range bodies {
		if err := add(t.Context(), s, id, body); err != nil {
			t.Fatal(err)
		}
	}
}

// read returns all files of a folder.
func read(t *testing.T, folder string) (all []byte) {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	return all
}
