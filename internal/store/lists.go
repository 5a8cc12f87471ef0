package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"deskside"
)

func idField(id *deskside.SessionID) []any { return []any{id} }

// OpenSessions implements desk.Lists.
func (s *SQLite) OpenSessions(ctx context.Context, agent deskside.AgentID) ([]deskside.SessionID, error) {
	return query(ctx, s, "list sessions", idField,
		"SELECT id FROM sessions WHERE ended IS NULL AND (?1 = '' OR agent = ?1) ORDER BY row DESC", string(agent))
}

// Overdue implements desk.Lists.
func (s *SQLite) Overdue(ctx context.Context, now time.Time) ([]deskside.SessionID, error) {
	return query(ctx, s, "find expired keys", idField, "SELECT id FROM sessions WHERE due <= ?", millis(now))
}

// Idle implements desk.Lists.
func (s *SQLite) Idle(ctx context.Context, before time.Time) ([]deskside.SessionID, error) {
	return query(ctx, s, "find idle sessions", idField,
		`SELECT s.id FROM sessions s WHERE s.ended IS NULL AND s.seen < ?
		AND NOT EXISTS (SELECT 1 FROM connections c WHERE c.session = s.row)`, millis(before))
}

// Hits in a snippet stand between these characters of the private use area,
// which nobody types; document takes them out of texts that hold them all the
// same.
const hitBegins, hitEnds = "\ue000", "\ue001"

var withoutHits = strings.NewReplacer(hitBegins, " ", hitEnds, " ")

// snippetLength is how many words a snippet has.
const snippetLength = 24

// History implements desk.Lists.
func (s *SQLite) History(ctx context.Context, q deskside.HistoryQuery) ([]deskside.Found, error) {
	before := int64(1) << 62
	if !q.Before.IsZero() {
		before = millis(q.Before)
	}
	const whose = " AND (?1 = '' OR s.agent = ?1) AND s.ended < ?2 ORDER BY s.ended DESC, s.row DESC LIMIT ?3"
	text := strings.ReplaceAll(q.Text, "\x00", " ")
	words := match(text)
	var rows []historyRow
	var err error
	switch {
	case strings.TrimSpace(text) != "" && words == "":
		return []deskside.Found{}, nil // nothing but signs, which are not searched for
	case words == "":
		rows, err = query(ctx, s, "read history", (*historyRow).fields,
			"SELECT s.overview, '' FROM sessions s WHERE s.ended IS NOT NULL"+whose, string(q.Agent), before, q.Limit)
	default:
		rows, err = query(ctx, s, "search history", (*historyRow).fields,
			fmt.Sprintf("SELECT s.overview, snippet(history, 0, '%s', '%s', '…', %d) FROM history JOIN sessions s ON s.row = history.rowid WHERE history MATCH ?4",
				hitBegins, hitEnds, snippetLength)+whose, string(q.Agent), before, q.Limit, words)
	}
	if err != nil {
		return nil, err
	}
	found := make([]deskside.Found, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal([]byte(r.overview), &found[i].Overview); err != nil {
			return nil, failed("read history", err)
		}
		found[i].Snippet = fragments(r.snippet)
	}
	return found, nil
}

type historyRow struct{ overview, snippet string }

func (r *historyRow) fields() []any { return []any{&r.overview, &r.snippet} }

// match turns what somebody typed into an FTS5 query: every word, quoted so
// that nothing in it is an operator, the last one as a beginning. It is empty
// where there is no word, as FTS5 takes words (unicode61).
func match(text string) string {
	var quoted []string
	for _, word := range strings.Fields(text) {
		if strings.ContainsFunc(word, inWord) {
			quoted = append(quoted, `"`+strings.ReplaceAll(word, `"`, `""`)+`"`)
		}
	}
	if len(quoted) == 0 {
		return ""
	}
	return strings.Join(quoted, " ") + "*"
}

func inWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.Co) }

// fragments splits a snippet at its hits.
func fragments(snippet string) []deskside.Fragment {
	list := []deskside.Fragment{}
	for snippet != "" {
		before, rest, found := strings.Cut(snippet, hitBegins)
		if before != "" {
			list = append(list, deskside.Fragment{Text: before})
		}
		if !found {
			break
		}
		var hit string
		hit, snippet, _ = strings.Cut(rest, hitEnds)
		list = append(list, deskside.Fragment{Text: hit, Hit: true})
	}
	return list
}
