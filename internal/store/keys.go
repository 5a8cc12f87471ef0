package store

import (
	"context"

	"deskside"
)

const selectKey = `SELECT s.id, k.generation, k.digits, k.link, k.sealed, k.visits
	FROM keys k JOIN sessions s ON s.row = k.session `

func keyFields(k *deskside.Key) []any {
	return []any{&k.Session, &k.Generation, &k.DigitsMAC, &k.LinkMAC, &k.Sealed, &k.Visits}
}

func (s *Store) key(ctx context.Context, where string, arg any) (deskside.Key, error) {
	missing := deskside.Errorf(deskside.CodeNotFound, "There is no such key.")
	return one(ctx, s, "read a key", missing, keyFields, selectKey+where, arg)
}

// KeyByDigits implements desk.Keys.
func (s *Store) KeyByDigits(ctx context.Context, mac []byte) (deskside.Key, error) {
	return s.key(ctx, "WHERE k.digits = $1", mac)
}

// KeyByLink implements desk.Keys.
func (s *Store) KeyByLink(ctx context.Context, mac []byte) (deskside.Key, error) {
	return s.key(ctx, "WHERE k.link = $1", mac)
}

// KeyOf implements desk.Keys.
func (s *Store) KeyOf(ctx context.Context, id deskside.SessionID) (deskside.Key, error) {
	return s.key(ctx, "WHERE s.id = $1 ORDER BY k.generation DESC LIMIT 1", string(id))
}

// CountVisit implements desk.Keys.
func (s *Store) CountVisit(ctx context.Context, linkMAC []byte) (visits int, err error) {
	err = s.do(ctx, func(t *tx) error {
		found, err := t.scan("UPDATE keys SET visits = visits + 1 WHERE link = $1 RETURNING visits", []any{linkMAC}, &visits)
		if err == nil && !found {
			err = deskside.Errorf(deskside.CodeNotFound, "There is no such key.")
		}
		return err
	})
	return visits, err
}

// GuestByMAC implements desk.Keys.
func (s *Store) GuestByMAC(ctx context.Context, mac []byte) (deskside.Guest, error) {
	missing := deskside.Errorf(deskside.CodeNotFound, "There is no such credential.")
	return one(ctx, s, "read a credential", missing,
		func(g *deskside.Guest) []any { return []any{&g.MAC, &g.Session, &g.Participant} },
		"SELECT g.mac, s.id, g.participant FROM guests g JOIN sessions s ON s.row = g.session WHERE g.mac = $1", mac)
}
