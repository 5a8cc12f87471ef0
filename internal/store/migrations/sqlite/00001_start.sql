-- +goose Up
-- Times are milliseconds since 1970, UTC.

CREATE TABLE sessions (
    row         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    agent       TEXT NOT NULL,
    created     INTEGER NOT NULL,
    due         INTEGER,          -- when the key expires; NULL once that is logged or means nothing
    ended       INTEGER,          -- NULL while open
    seen        INTEGER NOT NULL, -- when the last connection was lost, or the session was made
    overview    TEXT NOT NULL     -- the session as a line in History
);
CREATE INDEX sessions_open ON sessions (agent, row) WHERE ended IS NULL;
CREATE INDEX sessions_due ON sessions (due) WHERE due IS NOT NULL;
CREATE INDEX sessions_ended ON sessions (ended) WHERE ended IS NOT NULL;

-- The log. Rows are only ever appended, and one index is all that it has: each
-- further one would dirty a page per active session and commit.
CREATE TABLE events (
    session INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    json    BLOB NOT NULL
);
CREATE UNIQUE INDEX events_by_session ON events (session, seq);

CREATE TABLE keys (
    session    INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    digits     BLOB NOT NULL UNIQUE,
    link       BLOB NOT NULL UNIQUE,
    sealed     BLOB,
    visits     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (session, generation)
);

CREATE TABLE guests (
    mac         BLOB PRIMARY KEY,
    session     INTEGER NOT NULL,
    participant TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX guests_by_session ON guests (session);

CREATE TABLE nodes (
    id   TEXT PRIMARY KEY,
    seen INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE connections (
    id          TEXT PRIMARY KEY,
    node        TEXT NOT NULL,
    session     INTEGER NOT NULL,
    participant TEXT NOT NULL,
    away        INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX connections_by_session ON connections (session, participant);

CREATE TABLE absences (
    session     INTEGER NOT NULL,
    participant TEXT NOT NULL,
    since       INTEGER NOT NULL,
    settled     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (session, participant)
) WITHOUT ROWID;
CREATE INDEX absences_due ON absences (since) WHERE settled = 0;

CREATE TABLE marks (
    session     INTEGER NOT NULL,
    participant TEXT NOT NULL,
    delivered   INTEGER NOT NULL,
    read        INTEGER NOT NULL,
    PRIMARY KEY (session, participant)
) WITHOUT ROWID;

CREATE TABLE attempts (
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    at      INTEGER NOT NULL
);
CREATE INDEX attempts_by_subject ON attempts (kind, subject, at);

CREATE TABLE agents (
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    email    TEXT NOT NULL UNIQUE,
    role     TEXT NOT NULL,
    password TEXT NOT NULL,
    created  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE logins (
    mac     BLOB PRIMARY KEY,
    agent   TEXT NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX logins_by_agent ON logins (agent);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- What was said in each ended session, for searching. Its rowid is the
-- session's row.
CREATE VIRTUAL TABLE history USING fts5 (body, tokenize = 'unicode61 remove_diacritics 2');

-- +goose Down
SELECT 1;
