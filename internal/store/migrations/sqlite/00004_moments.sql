-- +goose Up
-- Since when something has been so.
CREATE TABLE moments (
    name TEXT PRIMARY KEY,
    at   INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO moments (name, at) SELECT name, 0 FROM settings WHERE name = 'residue';
DELETE FROM settings WHERE name IN ('residue', 'burying');

-- What is one node's for a while.
CREATE TABLE leases (
    name  TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
SELECT 1;
