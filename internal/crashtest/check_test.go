package crashtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"deskside"
)

// sound returns a log and what its senders know of it.
func sound() (said []Said, log []deskside.Event) {
	log = append(log, deskside.Event{Seq: 1, By: "a", Body: &deskside.Created{}})
	for i := range int64(6) {
		s := Said{By: deskside.ParticipantID("ab"[i%2 : i%2+1]), ID: fmt.Sprint("r", i), Text: fmt.Sprint("text ", i), Seq: i + 2}
		said = append(said, s)
		log = append(log, deskside.Event{Seq: s.Seq, By: s.By, ID: s.ID, Body: &deskside.Message{Text: s.Text}})
	}
	said = append(said, Said{By: "a", ID: "never stored", Text: "nor acknowledged"})
	return said, log
}

func TestCheckFindsNothingInASoundLog(t *testing.T) {
	if faults := Check(sound()); len(faults) > 0 {
		t.Errorf("faults in a sound log: %q", faults)
	}
}

// TestCheckFindsDamage damages a log in every way that matters.
func TestCheckFindsDamage(t *testing.T) {
	for name, test := range map[string]struct {
		damage func(log []deskside.Event) []deskside.Event
		want   string
	}{
		"lost":    {func(l []deskside.Event) []deskside.Event { return l[:len(l)-1] }, "lost"},
		"a gap":   {func(l []deskside.Event) []deskside.Event { return slices.Delete(l, 2, 3) }, "belongs"},
		"doubled": {func(l []deskside.Event) []deskside.Event { e := l[3]; e.Seq = 8; return append(l, e) }, "twice"},
		"reordered": {func(l []deskside.Event) []deskside.Event {
			l[2], l[4] = l[4], l[2]
			l[2].Seq, l[4].Seq = 3, 5
			return l
		}, "after a later"},
		"other text": {func(l []deskside.Event) []deskside.Event {
			l[3].Body = &deskside.Message{Text: "forged"}
			return l
		}, "became"},
		"renumbered": {func(l []deskside.Event) []deskside.Event { l[5].Seq, l[6].Seq = 7, 6; return l }, "acknowledged as"},
		"invented": {func(l []deskside.Event) []deskside.Event {
			return append(l, deskside.Event{Seq: 8, By: "a", ID: "nobody's", Body: &deskside.Message{Text: "boo"}})
		}, "nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			said, log := sound()
			faults := Check(said, test.damage(log))
			if !strings.Contains(strings.Join(faults, "\n"), test.want) {
				t.Errorf("faults %q, want one with %q", faults, test.want)
			}
		})
	}
}

// TestCheckShownFindsDamage shows a reader something else than the log in
// every way that matters.
func TestCheckShownFindsDamage(t *testing.T) {
	for name, test := range map[string]struct {
		damage func(shown []deskside.Event) []deskside.Event
		want   string // "" for none
	}{
		"all of it":           {func(l []deskside.Event) []deskside.Event { return l }, ""},
		"not the last":        {func(l []deskside.Event) []deskside.Event { return l[:len(l)-1] }, "1 events were not shown, from number 7"},
		"nothing":             {func([]deskside.Event) []deskside.Event { return nil }, "from number 1"},
		"one left out":        {func(l []deskside.Event) []deskside.Event { return slices.Delete(l, 2, 3) }, `shown {"seq":4`},
		"one twice":           {func(l []deskside.Event) []deskside.Event { return slices.Insert(l, 3, l[2]) }, `shown {"seq":3`},
		"another order":       {func(l []deskside.Event) []deskside.Event { l[2], l[3] = l[3], l[2]; return l }, `shown {"seq":4`},
		"other text":          {func(l []deskside.Event) []deskside.Event { l[3] = l[5]; l[3].Seq = 4; return l }, "shown"},
		"what was taken back": {func(l []deskside.Event) []deskside.Event { return append(l, l[0]) }, "not in the log"},
	} {
		t.Run(name, func(t *testing.T) {
			_, log := sound()
			for i := range log {
				if err := log[i].Encode(); err != nil {
					t.Fatal(err)
				}
			}
			faults := strings.Join(CheckShown(test.damage(slices.Clone(log)), log), "\n")
			if faults == "" != (test.want == "") || !strings.Contains(faults, test.want) {
				t.Errorf("faults %q, want %q", faults, test.want)
			}
		})
	}
}
