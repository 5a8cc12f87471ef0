package store

import (
	"context"
	"errors"
	"time"

	"deskside"
)

const (
	// heldFor is how long a file can be held: whoever did not let go by then
	// is gone.
	heldFor = 10 * time.Minute
	// buryingFor is how long bytes may take to be removed, and how long
	// nothing can be held meanwhile.
	buryingFor = time.Minute
	// buryAtOnce bounds the bytes that are removed together.
	buryAtOnce = 100
)

// burying is the moment at which somebody began to remove bytes; there is none
// while nobody does.
const burying = "burying"

// setFile stores what is known of a file's bytes. Content that it does not
// name any more remains.
func (t *tx) setFile(row int64, f *deskside.StoredFile) error {
	if err := t.alone(); err != nil { // whoever removes bytes looks at files and remains as they are
		return err
	}
	if f.Gone {
		return t.dropFile(f.File)
	}
	before, err := t.contents(f.File)
	if err != nil {
		return err
	}
	var due any
	if !f.Due.IsZero() {
		due = millis(f.Due)
	}
	err = t.exec(`INSERT INTO files (id, session, content, picture, preview, due, tries) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET content = excluded.content, picture = excluded.picture, preview = excluded.preview,
		due = excluded.due, tries = excluded.tries, held = NULL`,
		string(f.File), row, f.Content, f.Picture, f.Preview, due, f.Tries)
	return errors.Join(err, t.leave(before))
}

// contents returns what a file names.
func (t *tx) contents(id deskside.FileID) ([][]byte, error) {
	sums := make([][]byte, 3)
	_, err := t.scan("SELECT content, picture, preview FROM files WHERE id = $1", []any{string(id)}, &sums[0], &sums[1], &sums[2])
	return sums, err
}

// dropFile forgets a file; its bytes remain.
func (t *tx) dropFile(id deskside.FileID) error {
	sums, err := t.contents(id)
	if err != nil {
		return err
	}
	return errors.Join(
		t.exec("DELETE FROM files WHERE id = $1", string(id)),
		t.exec("INSERT INTO remains (content, upload) VALUES ($1, $2) ON CONFLICT DO NOTHING", []byte{}, string(id)),
		t.leave(sums))
}

// leave notes those contents as remains that no file names.
func (t *tx) leave(sums [][]byte) error {
	var errs []error
	for _, sum := range sums {
		if sum == nil {
			continue
		}
		errs = append(errs, t.exec(`INSERT INTO remains (content, upload) SELECT $1, ''
			WHERE NOT EXISTS (SELECT 1 FROM files WHERE content = $1 OR picture = $1 OR preview = $1) ON CONFLICT DO NOTHING`, sum))
	}
	return errors.Join(errs...)
}

// dropFilesOf forgets the files of a session.
func (t *tx) dropFilesOf(row int64) error {
	for {
		var id deskside.FileID
		found, err := t.scan("SELECT id FROM files WHERE session = $1 LIMIT 1", []any{row}, &id)
		if err != nil || !found {
			return err
		}
		if err := t.dropFile(id); err != nil {
			return err
		}
	}
}

const selectFile = `SELECT f.id, s.id, f.content, f.picture, f.preview, coalesce(f.due, 0), f.tries
	FROM files f JOIN sessions s ON s.row = f.session `

type fileRow struct {
	deskside.StoredFile
	due int64
}

func (r *fileRow) fields() []any {
	return []any{&r.File, &r.Session, &r.Content, &r.Picture, &r.Preview, &r.due, &r.Tries}
}

func (s *Store) filesWhere(ctx context.Context, rest string, args ...any) ([]deskside.StoredFile, error) {
	rows, err := query(ctx, s, "read files", (*fileRow).fields, selectFile+rest, args...)
	files := make([]deskside.StoredFile, 0, len(rows))
	for _, r := range rows {
		if r.due != 0 {
			r.Due = fromMillis(r.due)
		}
		files = append(files, r.StoredFile)
	}
	return files, err
}

// File implements desk.Files.
func (s *Store) File(ctx context.Context, id deskside.FileID) (deskside.StoredFile, error) {
	files, err := s.filesWhere(ctx, "WHERE f.id = $1", string(id))
	if err == nil && len(files) == 0 {
		err = deskside.Errorf(deskside.CodeNotFound, "There is no such file.")
	}
	if err != nil {
		return deskside.StoredFile{}, err
	}
	return files[0], nil
}

// DueFiles implements desk.Files.
func (s *Store) DueFiles(ctx context.Context, now time.Time, limit int) ([]deskside.StoredFile, error) {
	return s.filesWhere(ctx, `WHERE f.id IN (
		SELECT id FROM (SELECT id, due, row_number() OVER (PARTITION BY session ORDER BY due) AS turn FROM files WHERE due <= $1) AS d
		WHERE turn = 1 ORDER BY due LIMIT $2) ORDER BY f.due`, millis(now), limit)
}

// OldFiles implements desk.Files.
func (s *Store) OldFiles(ctx context.Context, ended time.Time, limit int) ([]deskside.StoredFile, error) {
	return s.filesWhere(ctx, "WHERE s.ended < $1 AND f.due IS NULL LIMIT $2", millis(ended), limit)
}

// ClaimFile implements desk.Files.
func (s *Store) ClaimFile(ctx context.Context, f deskside.StoredFile, until time.Time) (claimed bool, err error) {
	err = s.do(ctx, func(t *tx) error {
		var one int
		claimed, err = t.scan("UPDATE files SET due = $1 WHERE id = $2 AND due = $3 RETURNING 1",
			[]any{millis(until), string(f.File), millis(f.Due)}, &one)
		return err
	})
	return claimed, err
}

// HoldFile implements desk.Files.
func (s *Store) HoldFile(ctx context.Context, id deskside.FileID) (held bool, err error) {
	err = s.do(ctx, func(t *tx) error {
		someone, err := t.burying()
		if held = !someone; err != nil || !held {
			return err
		}
		return t.exec("UPDATE files SET held = $1 WHERE id = $2", millis(t.s.now()), string(id))
	})
	return held, err
}

// burying says whether somebody removes bytes now.
func (t *tx) burying() (bool, error) {
	var one int
	return t.scan("SELECT 1 FROM moments WHERE name = $1 AND at > $2", []any{burying, millis(t.s.now().Add(-buryingFor))}, &one)
}

// Lease implements desk.Files.
func (s *Store) Lease(ctx context.Context, name, owner string, until time.Time) (held bool, err error) {
	err = s.do(ctx, func(t *tx) error {
		var one int
		held, err = t.scan(`INSERT INTO leases (name, owner, until) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
			WHERE leases.owner = excluded.owner OR leases.until <= $4 RETURNING 1`,
			[]any{name, owner, millis(until), millis(t.s.now())}, &one)
		return err
	})
	return held, err
}

// Unlease implements desk.Files.
func (s *Store) Unlease(ctx context.Context, name, owner string) error {
	return s.do(ctx, func(t *tx) error {
		return t.exec("DELETE FROM leases WHERE name = $1 AND owner = $2", name, owner)
	})
}

// Bury implements desk.Files.
func (s *Store) Bury(ctx context.Context, remove func(context.Context, []deskside.Remains) error) error {
	var some bool
	err := s.do(ctx, func(t *tx) (err error) {
		some, err = t.exhume()
		return err
	})
	if err != nil || !some {
		return err
	}
	remains, err := query(ctx, s, "read remains", func(r *deskside.Remains) []any { return []any{&r.Content, &r.Upload} },
		"SELECT content, upload FROM remains LIMIT $1", buryAtOnce)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, buryingFor/2)
	defer cancel()
	if err := remove(ctx, remains); err != nil {
		return err // and again once buryingFor is over
	}
	return s.do(context.WithoutCancel(ctx), func(t *tx) error {
		errs := []error{t.exec("DELETE FROM moments WHERE name = $1", burying)}
		for _, r := range remains {
			errs = append(errs, t.exec("DELETE FROM remains WHERE content = $1 AND upload = $2", contentOf(r), string(r.Upload)))
		}
		return errors.Join(errs...)
	})
}

// contentOf keeps the place of content that there is none of.
func contentOf(r deskside.Remains) []byte {
	if r.Content == nil {
		return []byte{}
	}
	return r.Content
}

// exhume says whether there are bytes to be removed, unless somebody does that
// or holds a file. Then nobody can hold one from now on.
func (t *tx) exhume() (bool, error) {
	const inUse = `DELETE FROM remains WHERE EXISTS (SELECT 1 FROM files f
		WHERE f.content = remains.content OR f.picture = remains.content OR f.preview = remains.content)`
	var one int
	if some, err := t.scan("SELECT 1 FROM remains LIMIT 1", nil, &one); err != nil || !some {
		return false, err
	}
	someone, err := t.burying()
	if err != nil || someone {
		return false, err
	}
	held, err := t.scan("SELECT 1 FROM files WHERE held > $1 LIMIT 1", []any{millis(t.s.now().Add(-heldFor))}, &one)
	if err != nil || held {
		return false, err
	}
	return true, errors.Join(t.exec(inUse), t.since(burying, millis(t.s.now())))
}

// since notes since when something has been so.
func (t *tx) since(name string, at int64) error {
	return t.exec("INSERT INTO moments (name, at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = excluded.at", name, at)
}
