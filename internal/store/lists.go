package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"deskside"
)

func idField(id *deskside.SessionID) []any { return []any{id} }

// OpenSessions implements desk.Lists.
func (s *Store) OpenSessions(ctx context.Context, agent deskside.AgentID) ([]deskside.SessionID, error) {
	return query(ctx, s, "list sessions", idField,
		"SELECT id FROM sessions WHERE ended IS NULL AND ($1 = '' OR agent = $1) ORDER BY row DESC", string(agent))
}

// Overdue implements desk.Lists.
func (s *Store) Overdue(ctx context.Context, now time.Time) ([]deskside.SessionID, error) {
	return query(ctx, s, "find expired keys", idField, "SELECT id FROM sessions WHERE due <= $1", millis(now))
}

// Idle implements desk.Lists.
func (s *Store) Idle(ctx context.Context, before time.Time) ([]deskside.SessionID, error) {
	return query(ctx, s, "find idle sessions", idField,
		`SELECT s.id FROM sessions s WHERE s.ended IS NULL AND s.seen < $1
		AND NOT EXISTS (SELECT 1 FROM connections c WHERE c.session = s.row)`, millis(before))
}

// History implements desk.Lists.
func (s *Store) History(ctx context.Context, q deskside.HistoryQuery) ([]deskside.Found, error) {
	before := int64(1) << 62
	if !q.Before.IsZero() {
		before = millis(q.Before)
	}
	words := wordsOf(q.Text)
	words = words[:min(len(words), maxSearched)]
	var rows []historyRow
	var err error
	switch {
	case strings.TrimSpace(q.Text) != "" && len(words) == 0:
		return []deskside.Found{}, nil // nothing but signs, which are not searched for
	case len(words) == 0:
		rows, err = s.newest(ctx, q, before)
	default:
		rows, err = s.engine.search(ctx, q, before, words)
	}
	if err != nil {
		return nil, err
	}
	found := make([]deskside.Found, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal([]byte(r.overview), &found[i].Overview); err != nil {
			return nil, failed("read history", err)
		}
		found[i].Snippet = []deskside.Fragment{}
		if len(words) > 0 {
			found[i].Snippet = snippet(r.body, words)
		}
	}
	return found, nil
}

// whose ends a query for sessions s of History: of an agent ($1) or of all,
// that ended before then ($2), a number of them ($3).
const whose = " AND ($1 = '' OR s.agent = $1) AND s.ended < $2 ORDER BY s.ended DESC, s.row DESC LIMIT $3"

// newest returns what ended last.
func (s *Store) newest(ctx context.Context, q deskside.HistoryQuery, before int64) ([]historyRow, error) {
	db, err := s.engine.archive()
	if err != nil {
		return nil, err
	}
	return queryFrom(ctx, s, db, "read history", (*historyRow).fields,
		"SELECT s.overview, '' FROM sessions s WHERE s.ended IS NOT NULL"+whose, string(q.Agent), before, q.Limit)
}

type historyRow struct{ overview, body string }

func (r *historyRow) fields() []any { return []any{&r.overview, &r.body} }

// maxSearched bounds the words of a search; further ones are not looked at.
const maxSearched = 100
