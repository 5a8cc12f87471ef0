package desk

import (
	"context"
	"io"
	"net/url"
	"time"

	"deskside"
)

// A Log keeps the events of sessions.
type Log interface {
	// Update stores what decide makes of the session as it is, in one
	// transaction, and returns the stored events with their numbers. When it
	// returns they are on stable storage. decide runs without any I/O, once or
	// more, and must not keep or change the session; a session that does not
	// exist is passed with Number 0. An error of decide is returned as it is
	// and nothing is stored; a store that can't store now returns
	// CodeUnavailable.
	Update(ctx context.Context, id deskside.SessionID, decide func(*deskside.Session) (deskside.Change, error)) ([]deskside.Event, error)
	// View lets look read the session as the log has it, without any I/O and
	// without keeping it. CodeNotFound where there is none.
	View(ctx context.Context, id deskside.SessionID, look func(*deskside.Session) error) error
	// Events returns up to limit events after the given number, in order,
	// as they were stored.
	Events(ctx context.Context, id deskside.SessionID, after int64, limit int) ([]deskside.Event, error)
	// Numbers returns how far the logs of those sessions go, in any order and
	// without those that there are none of.
	Numbers(ctx context.Context, ids []deskside.SessionID) ([]deskside.Hint, error)
}

// Keys finds the keys and credentials that Log.Update stored. CodeNotFound
// where there is none.
type Keys interface {
	KeyByDigits(ctx context.Context, mac []byte) (deskside.Key, error)
	KeyByLink(ctx context.Context, mac []byte) (deskside.Key, error)
	// KeyOf returns the newest key of the session.
	KeyOf(ctx context.Context, id deskside.SessionID) (deskside.Key, error)
	// CountVisit adds one visit of the link and returns the new count.
	CountVisit(ctx context.Context, linkMAC []byte) (int, error)
	GuestByMAC(ctx context.Context, mac []byte) (deskside.Guest, error)
}

// Connections knows who is connected, to whichever node.
type Connections interface {
	// Connect records a connection, or its new Away.
	Connect(ctx context.Context, c deskside.Connection) error
	// Disconnect removes it. Where it was the participant's last, they are
	// absent from now on.
	Disconnect(ctx context.Context, connection string) error
	// Present says how reachable each participant is who is connected or
	// absent. With "" it says which agents are connected to their lists.
	Present(ctx context.Context, id deskside.SessionID) ([]deskside.PresenceOf, error)
	// Absent returns who has been absent since before then and was not
	// settled; Settle ends that, but for who came and left again since.
	Absent(ctx context.Context, before time.Time) ([]deskside.Absence, error)
	Settle(ctx context.Context, a deskside.Absence) error
	// Beat says that the node lives, and whether it was known to: else its
	// connections may have been removed.
	Beat(ctx context.Context, node string) (known bool, err error)
	// Bereave removes the connections of nodes that have not beaten since
	// dead, and returns whose they were.
	Bereave(ctx context.Context, dead time.Time) ([]deskside.Guest, error)
	// Leave removes the node and its connections, and returns whose they were.
	Leave(ctx context.Context, node string) ([]deskside.Guest, error)
}

// Lists finds sessions.
type Lists interface {
	// OpenSessions returns the sessions that have not ended, newest first, of
	// one agent or, with "", of all.
	OpenSessions(ctx context.Context, agent deskside.AgentID) ([]deskside.SessionID, error)
	History(ctx context.Context, q deskside.HistoryQuery) ([]deskside.Found, error)
	// Overdue returns sessions of which something was due before now
	// ([deskside.Session.Due]).
	Overdue(ctx context.Context, now time.Time) ([]deskside.SessionID, error)
	// Idle returns the open sessions to which nobody has been connected since
	// before then.
	Idle(ctx context.Context, before time.Time) ([]deskside.SessionID, error)
}

// Jobs keeps what Log.Update stored of invitations that are to be sent.
type Jobs interface {
	// DueJobs returns up to limit jobs with something to do by then, the
	// longest due first.
	DueJobs(ctx context.Context, now time.Time, limit int) ([]deskside.Job, error)
	// Job returns one; CodeNotFound where there is none.
	Job(ctx context.Context, id deskside.InvitationID) (deskside.Job, error)
	// JobsOf returns those of a session.
	JobsOf(ctx context.Context, id deskside.SessionID) ([]deskside.Job, error)
	// ForgetAddresses erases the addresses of jobs made before then.
	ForgetAddresses(ctx context.Context, before time.Time) error
}

// Files keeps what Log.Update stored of files beside the log.
type Files interface {
	// File returns one; CodeNotFound where there is none.
	File(ctx context.Context, id deskside.FileID) (deskside.StoredFile, error)
	// DueFiles returns up to limit files with something to do by then, of each
	// session the one that is due longest, and those first that are.
	DueFiles(ctx context.Context, now time.Time, limit int) ([]deskside.StoredFile, error)
	// OldFiles returns up to limit files that nothing is to be done about, of
	// sessions that ended before then.
	OldFiles(ctx context.Context, ended time.Time, limit int) ([]deskside.StoredFile, error)
	// ClaimFile makes the file due later, and says whether nobody did so since
	// it was read.
	ClaimFile(ctx context.Context, f deskside.StoredFile, until time.Time) (bool, error)
	// HoldFile keeps every content from being removed until the file is stored
	// the next time, for some minutes at most: content that is made now may be
	// the same as some that nobody needed any more. False while some is being
	// removed; that takes a moment.
	HoldFile(ctx context.Context, id deskside.FileID) (bool, error)
	// Lease makes something, by its name, the owner's until then, and says
	// whether it is: it is not while it is another's. Unlease ends that.
	Lease(ctx context.Context, name, owner string, until time.Time) (bool, error)
	Unlease(ctx context.Context, name, owner string) error
	// Bury calls remove with bytes that nobody needs any more, and forgets them
	// where it succeeds. Nothing happens while a file is held.
	Bury(ctx context.Context, remove func(context.Context, []deskside.Remains) error) error
}

// Content is a file's content, for reading from any place.
type Content = interface {
	io.ReadSeekCloser
	// Size returns the length in bytes.
	Size() int64
}

// Blobs keeps the bytes of files. Its refusals are Errors: CodeFileOffset,
// CodeNotFound, CodeNoSpace.
type Blobs interface {
	// Append adds what r gives to an upload of offset bytes so far, which
	// begins with it, and returns how many bytes more are on stable storage,
	// also where it fails.
	Append(ctx context.Context, upload string, offset int64, r io.Reader) (int64, error)
	// Length returns how many bytes of an upload are stored.
	Length(ctx context.Context, upload string) (int64, error)
	// Finish makes the upload readable under its SHA-256, and returns that.
	// Repeated, it returns the same.
	Finish(ctx context.Context, upload string) ([]byte, error)
	// Abort forgets the upload, but not the content that it was finished to.
	Abort(ctx context.Context, upload string) error
	Open(ctx context.Context, sum []byte) (Content, error)
	Remove(ctx context.Context, sum []byte) error
}

// A Scanner looks for what may not be handed out.
type Scanner interface {
	// Scan returns what it calls what it found, "" for nothing.
	// CodeFileTooLarge for content that it can never look at; after every
	// other error it may be asked again.
	Scan(ctx context.Context, r io.Reader) (threat string, err error)
}

// A Shown is what is safe to show of a picture.
type Shown struct {
	Full, Preview []byte
	Width, Height int // of Full, in pixels
}

// Pictures decode a picture and encode it anew. CodeInvalid where it is none
// that can be shown.
type Pictures func(ctx context.Context, r io.Reader) (Shown, error)

// Notes keeps small things that are no events.
type Notes interface {
	// Mark raises the participant's marks and returns where they stand.
	Mark(ctx context.Context, id deskside.SessionID, p deskside.ParticipantID, m deskside.Marks) (deskside.Marks, error)
	Marks(ctx context.Context, id deskside.SessionID) (map[deskside.ParticipantID]deskside.Marks, error)
	// AddAttempts records failed tries, now.
	AddAttempts(ctx context.Context, attempts ...deskside.Attempt) error
	// CountAttempts returns how many there were since then.
	CountAttempts(ctx context.Context, a deskside.Attempt, since time.Time) (int, error)
	// Spend records an attempt of each allowance, now, unless one of them is
	// used up: then it records none and returns that one's index, else -1.
	Spend(ctx context.Context, allowances []deskside.Allowance) (int, error)
	// Refund takes back the newest attempt of each.
	Refund(ctx context.Context, attempts ...deskside.Attempt) error
	// Texts returns the team's own texts of invitations, by language.
	Texts(ctx context.Context) (map[string]deskside.InvitationTexts, error)
	SetTexts(ctx context.Context, language string, t deskside.InvitationTexts) error
	// Forget removes every trace of sessions that ended before then, and of
	// attempts before attempts, and returns how many sessions that were.
	Forget(ctx context.Context, ended, attempts time.Time) (int, error)
}

// A Store is everything that the desk keeps.
type Store interface {
	Log
	Keys
	Connections
	Lists
	Jobs
	Files
	Notes
}

// A Sender hands letters to one gateway.
type Sender interface {
	// Send hands one over. Where anything is known of why it failed, the error
	// is a [deskside.SendError].
	Send(ctx context.Context, l deskside.Letter) (deskside.Posted, error)
	// State asks what became of a letter.
	State(ctx context.Context, reference string) (deskside.Delivery, error)
	// Receipt reads what the gateway says of its own accord.
	Receipt(values url.Values, body []byte) (deskside.Delivery, error)
	// Idempotent says whether the gateway recognises a letter by its
	// invitation, so that it may be handed over again when in doubt.
	Idempotent() bool
}

// A Bus carries notices between connections, on whichever node. It may lose
// anything.
type Bus interface {
	// Publish hands the notice to every subscriber of its session, and to
	// those of all sessions. It does not wait for them.
	Publish(n deskside.Notice)
	// Subscribe calls f for each notice of the session, or of every session
	// with "", until cancel is called. f must not block and must not change
	// the notice.
	Subscribe(id deskside.SessionID, f func(deskside.Notice)) (cancel func())
	// Gaps counts how often it was away, and is back: what was said meanwhile
	// is lost.
	Gaps() int64
}
