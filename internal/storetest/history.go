package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskside"
)

var historyCases = map[string]func(*testing.T, *bench){
	"ended sessions, newest first, in pages":                 testHistoryPages,
	"an agent's own or everybody's":                          testHistoryAgents,
	"words are found as people write them":                   testHistoryWords,
	"whatever is typed is searched for and never understood": testHistoryOperators,
	"only what was said in the end is found":                 testHistoryNewest,
	"what comes after the end is found too":                  testHistoryAfter,
	"a snippet shows the words":                              testHistorySnippet,
}

func (b *bench) history(q deskside.HistoryQuery) []deskside.Found {
	b.t.Helper()
	if q.Limit == 0 {
		q.Limit = 50
	}
	found, err := b.History(b.t.Context(), q)
	must(b.t, "history", err)
	return found
}

func idsOf(found []deskside.Found) (ids []deskside.SessionID) {
	for _, f := range found {
		ids = append(ids, f.ID)
	}
	return ids
}

func (b *bench) wantFound(text string, want ...deskside.SessionID) {
	b.t.Helper()
	if got := idsOf(b.history(deskside.HistoryQuery{Text: text})); !slices.Equal(got, want) {
		b.t.Errorf("search for %q: %v, want %v", text, got, want)
	}
}

func testHistoryPages(t *testing.T, b *bench) {
	var want []deskside.SessionID
	for i := range 7 {
		b.pass(time.Minute)
		want = append([]deskside.SessionID{b.ended(ada, fmt.Sprintf("word number %d", i))}, want...)
	}
	b.active(ada)
	for _, text := range []string{"", "  ", "word"} {
		var got []deskside.SessionID
		q := deskside.HistoryQuery{Text: text, Limit: 3}
		for page := b.history(q); len(page) > 0; page = b.history(q) {
			got = append(got, idsOf(page)...)
			q.Before = page[len(page)-1].Ended
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %q: %v, want %v", text, got, want)
		}
	}
}

func testHistoryAgents(t *testing.T, b *bench) {
	adas := b.ended(ada, "printer")
	b.pass(time.Second)
	beas := b.ended(bea, "printer")
	for _, text := range []string{"", "printer"} {
		for agent, want := range map[deskside.AgentID][]deskside.SessionID{"": {beas, adas}, ada: {adas}, bea: {beas}, "nobody": nil} {
			if got := idsOf(b.history(deskside.HistoryQuery{Agent: agent, Text: text})); !slices.Equal(got, want) {
				t.Errorf("history of %q with %q: %v, want %v", agent, text, got, want)
			}
		}
	}
}

func testHistoryWords(t *testing.T, b *bench) {
	id := b.ended(ada, "Der Drücker zerreißt Papier", "C:\\Windows\\system32 says 0x80070057", "naïve Ελληνικά Привет 打印机")
	b.ended(ada, "something else")
	for _, text := range []string{
		"drücker", "DRÜCKER", "drucker", "Drü", "papier drücker", "zerreißt pap", "windows", "0x8007",
		"system32 windows", "naive", "ελληνικά", "привет", "打印机", "Papier\tDer\n",
	} {
		b.wantFound(text, id)
	}
	for _, text := range []string{"rücker", "pap drücker", "windows linux", "else papier"} {
		b.wantFound(text)
	}
}

// testHistoryOperators types what full-text engines take for a language.
func testHistoryOperators(t *testing.T, b *bench) {
	id := b.ended(ada, `the "printer" is not near body:text - AND it NEAR (jams) OR* not ^first`)
	for _, text := range []string{
		`"printer"`, `printer"`, `"printer`, `printer*`, `NEAR`, `AND`, `OR`, `NOT`, `not near`, `(jams`, `jams)`, `body:text`,
		`body : text`, `^the`, `-jams`, `printer AND jams`, `printer -`, `- printer`, `{jams}`, `jams;`, `'jams'`,
	} {
		b.wantFound(text, id)
	}
	for _, text := range []string{`elephant OR printer`, `printer NOT elephant`, `nothing:printer`, `"`, `""`, `*`, `-`, `😀`, `\`, `%`} {
		b.wantFound(text)
	}
	b.wantFound("printer\x00elephant")
	b.wantFound("prin\xffter")
	b.wantFound(strings.Repeat("word ", 2000))
}

func testHistoryNewest(t *testing.T, b *bench) {
	id := b.active(ada)
	edited := b.do(id, enduse, &deskside.Message{Text: "original"})[0].Seq
	taken := b.do(id, enduse, &deskside.Message{Text: "regretted"})[0].Seq
	both := b.do(id, enduse, &deskside.Message{Text: "hasty"})[0].Seq
	link := b.do(id, asAda, &deskside.LinkPushed{URL: "https://example.org/manual"})[0].Seq
	wrong := b.do(id, asAda, &deskside.LinkPushed{URL: "https://wrong.example/"})[0].Seq
	b.do(id, enduse, &deskside.Edited{Message: edited, Text: "between"})
	b.do(id, enduse, &deskside.Edited{Message: edited, Text: "corrected"})
	b.do(id, enduse, &deskside.Withdrawn{Message: taken})
	b.do(id, enduse, &deskside.Edited{Message: both, Text: "hastier"})
	b.do(id, enduse, &deskside.Withdrawn{Message: both})
	b.do(id, asAda, &deskside.Withdrawn{Message: wrong})
	b.do(id, asAda, &deskside.Noted{Text: "nervous"}, &deskside.Titled{Title: "Scanner"})
	b.wantFound("corrected")
	b.do(id, asAda, &deskside.Ended{Reason: deskside.EndedByAgent})
	for _, text := range []string{"corrected", "manual", "nervous", "scanner"} {
		b.wantFound(text, id)
	}
	for _, text := range []string{"original", "between", "regretted", "hasty", "hastier", "wrong"} {
		b.wantFound(text)
	}
	_ = link
}

func testHistoryAfter(t *testing.T, b *bench) {
	id := b.ended(ada, "spoken")
	b.do(id, asAda, &deskside.Summarized{Note: "changed the cable", Outcome: deskside.OutcomeUnresolved, Tags: []string{"hardware"}})
	b.do(id, asAda, &deskside.Noted{Text: "called again"})
	b.do(id, asAda, &deskside.Titled{Title: "Printer"})
	b.do(id, enduse, &deskside.Rated{Rating: deskside.RatingGood})
	for _, text := range []string{"cable", "again", "printer", "spoken"} {
		b.wantFound(text, id)
	}
	b.do(id, asAda, &deskside.Summarized{Note: "changed the paper", Outcome: deskside.OutcomeResolved, Tags: []string{"hardware", "second floor"}})
	b.do(id, asAda, &deskside.Titled{Title: "Copier"})
	b.wantFound("cable")
	b.wantFound("printer")
	found := b.history(deskside.HistoryQuery{})[0]
	var want deskside.Overview
	must(t, "view", b.View(t.Context(), id, func(s *deskside.Session) error { want = s.Overview(b.now()); return nil }))
	want.LastAt = found.LastAt // the list need not follow what changes nothing in it
	if diff := cmp.Diff(want, found.Overview); diff != "" {
		t.Errorf("the session in the list (-session +list):\n%s", diff)
	}
	if found.State != deskside.StateEnded || found.Title != "Copier" || found.Rating != deskside.RatingGood || found.Note != "changed the paper" {
		t.Errorf("the session in the list is %+v", found.Overview)
	}
}

func testHistorySnippet(t *testing.T, b *bench) {
	long := strings.Repeat("lorem ipsum ", 200)
	b.ended(ada, long+"the Gerät \uE000is\uE001 broken <b>here</b> "+long)
	snippet := b.history(deskside.HistoryQuery{Text: "gerat brok"})[0].Snippet
	var whole string
	var hits []string
	for _, f := range snippet {
		whole += f.Text
		if f.Hit {
			hits = append(hits, f.Text)
		}
	}
	if !slices.Equal(hits, []string{"Gerät", "broken"}) {
		t.Errorf("hits %q in %+v", hits, snippet)
	}
	if !strings.Contains(whole, "the Gerät") || len(whole) > 600 {
		t.Errorf("the snippet is %d bytes: %q", len(whole), whole)
	}
	if got := b.history(deskside.HistoryQuery{})[0].Snippet; len(got) > 1 {
		t.Errorf("a snippet without a search: %+v", got)
	}
}
