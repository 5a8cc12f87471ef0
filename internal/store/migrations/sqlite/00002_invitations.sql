-- +goose Up
-- Invitations that the server sends: what the log does not say of them.
CREATE TABLE invitations (
    id        TEXT PRIMARY KEY,
    session   INTEGER NOT NULL,
    address   BLOB,             -- sealed; NULL once it is kept no longer
    letter    BLOB,             -- sealed; NULL once it is needed no more
    due       INTEGER,          -- when there is something to do; NULL for never
    reference TEXT NOT NULL,    -- how the gateway names it
    polls     INTEGER NOT NULL,
    made      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX invitations_due ON invitations (due) WHERE due IS NOT NULL;
CREATE INDEX invitations_by_session ON invitations (session);

-- The team's own texts of invitations; an empty one stands for the shipped.
CREATE TABLE texts (
    language TEXT PRIMARY KEY,
    sms      TEXT NOT NULL,
    subject  TEXT NOT NULL,
    mail     TEXT NOT NULL
) WITHOUT ROWID;

-- +goose Down
SELECT 1;
