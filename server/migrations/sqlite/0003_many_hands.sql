-- Several instances, and a process that may die at any moment.

ALTER TABLE payments ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;   -- a worker is asking the gateway right now
CREATE INDEX payments_taken ON payments (id) WHERE taken = 1;

ALTER TABLE events ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;     -- a worker is delivering it right now
ALTER TABLE events ADD COLUMN position INTEGER;                     -- in GET /v1/events; drawn when it is first listed
CREATE INDEX events_taken ON events (seq) WHERE taken = 1;
CREATE UNIQUE INDEX events_by_position ON events (position);
CREATE INDEX events_waiting ON events (seq) WHERE position IS NULL;

-- A key is reserved when its request begins and answered when it is done.
ALTER TABLE idempotency RENAME TO idempotency_before;
CREATE TABLE idempotency (
    api_key     TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    http_status INTEGER,                 -- NULL: being answered
    body        TEXT,
    held_until  INTEGER NOT NULL,        -- nobody else answers it before
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (api_key, key)
) STRICT;
INSERT INTO idempotency SELECT api_key, key, fingerprint, http_status, body, 0, created_at FROM idempotency_before;
DROP TABLE idempotency_before;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
