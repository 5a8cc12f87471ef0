-- +goose Up
-- Files of sessions: what the log does not say of them.
CREATE TABLE files (
    id       TEXT PRIMARY KEY,
    session  INTEGER NOT NULL,
    content  BLOB,             -- SHA-256 of the bytes; NULL until they are whole
    picture  BLOB,             -- of what is safe to show of it
    preview  BLOB,             -- likewise, small
    due      INTEGER,          -- when there is something to do; NULL for never
    tries    INTEGER NOT NULL,
    held     INTEGER           -- since when somebody makes content that is not noted here yet
) WITHOUT ROWID;
CREATE INDEX files_due ON files (due) WHERE due IS NOT NULL;
CREATE INDEX files_held ON files (held) WHERE held IS NOT NULL;
CREATE INDEX files_by_session ON files (session);
CREATE INDEX files_by_content ON files (content) WHERE content IS NOT NULL;
CREATE INDEX files_by_picture ON files (picture) WHERE picture IS NOT NULL;
CREATE INDEX files_by_preview ON files (preview) WHERE preview IS NOT NULL;

-- Bytes that nobody needs any more: content by its SHA-256, or what came of an
-- upload by its file.
CREATE TABLE remains (
    content BLOB NOT NULL,
    upload  TEXT NOT NULL,
    PRIMARY KEY (content, upload)
) WITHOUT ROWID;

-- +goose Down
SELECT 1;
