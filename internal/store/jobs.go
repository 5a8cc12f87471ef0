package store

import (
	"context"
	"errors"
	"time"

	"deskside"
)

// setJob stores what is to be done about an invitation. Its address is set
// once.
func (t *tx) setJob(row int64, j *deskside.Job) error {
	var due any
	if !j.Due.IsZero() {
		due = millis(j.Due)
	}
	return t.exec(`INSERT INTO invitations (id, session, address, letter, due, reference, polls, made) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (id) DO UPDATE SET letter = excluded.letter, due = excluded.due, reference = excluded.reference, polls = excluded.polls`,
		string(j.Invitation), row, j.Address, j.Letter, due, j.Reference, j.Polls, millis(t.s.now()))
}

const selectJob = `SELECT i.id, s.id, i.address, i.letter, coalesce(i.due, 0), i.reference, i.polls
	FROM invitations i JOIN sessions s ON s.row = i.session `

type jobRow struct {
	deskside.Job
	due int64
}

func (r *jobRow) fields() []any {
	return []any{&r.Invitation, &r.Session, &r.Address, &r.Letter, &r.due, &r.Reference, &r.Polls}
}

func (r *jobRow) job() deskside.Job {
	if r.due != 0 {
		r.Due = fromMillis(r.due)
	}
	return r.Job
}

func (s *Store) jobsWhere(ctx context.Context, rest string, args ...any) ([]deskside.Job, error) {
	rows, err := query(ctx, s, "read invitations", (*jobRow).fields, selectJob+rest, args...)
	jobs := make([]deskside.Job, 0, len(rows))
	for _, r := range rows {
		jobs = append(jobs, r.job())
	}
	return jobs, err
}

// DueJobs implements desk.Jobs.
func (s *Store) DueJobs(ctx context.Context, now time.Time, limit int) ([]deskside.Job, error) {
	return s.jobsWhere(ctx, "WHERE i.due <= $1 ORDER BY i.due LIMIT $2", millis(now), limit)
}

// JobsOf implements desk.Jobs.
func (s *Store) JobsOf(ctx context.Context, id deskside.SessionID) ([]deskside.Job, error) {
	return s.jobsWhere(ctx, "WHERE i.session = (SELECT s.row FROM sessions s WHERE s.id = $1)", string(id))
}

// Job implements desk.Jobs.
func (s *Store) Job(ctx context.Context, id deskside.InvitationID) (deskside.Job, error) {
	jobs, err := s.jobsWhere(ctx, "WHERE i.id = $1", string(id))
	if err == nil && len(jobs) == 0 {
		err = deskside.Errorf(deskside.CodeNotFound, "There is no such invitation.")
	}
	if err != nil {
		return deskside.Job{}, err
	}
	return jobs[0], nil
}

// ForgetAddresses implements desk.Jobs. What remains in the files is purged
// with the next sessions that are erased, within purgeEvery.
func (s *Store) ForgetAddresses(ctx context.Context, before time.Time) error {
	return s.do(ctx, func(t *tx) error {
		var one int
		const old = " FROM invitations WHERE made < $1 AND address IS NOT NULL"
		found, err := t.scan("SELECT 1"+old+" LIMIT 1", []any{millis(before)}, &one)
		if err != nil || !found {
			return err
		}
		if err := t.exec("UPDATE invitations SET address = NULL WHERE made < $1 AND address IS NOT NULL", millis(before)); err != nil {
			return err
		}
		return t.leaveResidue()
	})
}

// Spend implements desk.Notes.
func (s *Store) Spend(ctx context.Context, allowances []deskside.Allowance) (over int, err error) {
	err = s.do(ctx, func(t *tx) error {
		over = -1
		for i, a := range allowances {
			var n int
			_, err := t.scan("SELECT count(*) FROM attempts WHERE kind = $1 AND subject = $2 AND at >= $3", []any{a.Kind, a.Subject, millis(a.Since)}, &n)
			if err != nil {
				return err
			}
			if n >= a.Most {
				over = i
				return nil
			}
		}
		for _, a := range allowances {
			if err := t.exec("INSERT INTO attempts (kind, subject, at) VALUES ($1, $2, $3)", a.Kind, a.Subject, millis(t.s.now())); err != nil {
				return err
			}
		}
		return nil
	})
	return over, err
}

// Refund implements desk.Notes.
func (s *Store) Refund(ctx context.Context, attempts ...deskside.Attempt) error {
	return s.do(ctx, func(t *tx) error {
		for _, a := range attempts {
			if err := t.refund(a); err != nil {
				return err
			}
		}
		return nil
	})
}

// refund takes back the newest attempt. Attempts of one millisecond are alike:
// all of them go, and all but one come back.
func (t *tx) refund(a deskside.Attempt) error {
	var at, n int64
	found, err := t.scan("SELECT at, count(*) FROM attempts WHERE kind = $1 AND subject = $2 GROUP BY at ORDER BY at DESC LIMIT 1",
		[]any{a.Kind, a.Subject}, &at, &n)
	if err != nil || !found {
		return err
	}
	err = t.exec("DELETE FROM attempts WHERE kind = $1 AND subject = $2 AND at = $3", a.Kind, a.Subject, at)
	for ; n > 1; n-- {
		err = errors.Join(err, t.exec("INSERT INTO attempts (kind, subject, at) VALUES ($1, $2, $3)", a.Kind, a.Subject, at))
	}
	return err
}

// Texts implements desk.Notes.
func (s *Store) Texts(ctx context.Context) (map[string]deskside.InvitationTexts, error) {
	type row struct {
		language string
		deskside.InvitationTexts
	}
	rows, err := query(ctx, s, "read the texts of invitations", func(r *row) []any {
		return []any{&r.language, &r.SMS, &r.Subject, &r.Mail}
	}, "SELECT language, sms, subject, mail FROM texts")
	all := make(map[string]deskside.InvitationTexts)
	for _, r := range rows {
		all[r.language] = r.InvitationTexts
	}
	return all, err
}

// SetTexts implements desk.Notes.
func (s *Store) SetTexts(ctx context.Context, language string, t deskside.InvitationTexts) error {
	return s.do(ctx, func(tx *tx) error {
		return tx.exec(`INSERT INTO texts (language, sms, subject, mail) VALUES ($1, $2, $3, $4)
			ON CONFLICT (language) DO UPDATE SET sms = excluded.sms, subject = excluded.subject, mail = excluded.mail`, language, t.SMS, t.Subject, t.Mail)
	})
}
