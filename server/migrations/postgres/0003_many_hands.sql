-- Several instances, and a process that may die at any moment.

ALTER TABLE payments ADD COLUMN taken BOOLEAN NOT NULL DEFAULT FALSE;   -- a worker is asking the gateway right now
CREATE INDEX payments_taken ON payments (id) WHERE taken;

ALTER TABLE events ADD COLUMN taken BOOLEAN NOT NULL DEFAULT FALSE;     -- a worker is delivering it right now
ALTER TABLE events ADD COLUMN position BIGINT;                     -- in GET /v1/events; drawn when it is first listed
CREATE INDEX events_taken ON events (seq) WHERE taken;
CREATE UNIQUE INDEX events_by_position ON events (position);
CREATE INDEX events_waiting ON events (seq) WHERE position IS NULL;

-- A key is reserved when its request begins and answered when it is done.
ALTER TABLE idempotency RENAME TO idempotency_before;
CREATE TABLE idempotency (
    api_key     TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    http_status BIGINT,                 -- NULL: being answered
    body        TEXT,
    held_until  BIGINT NOT NULL,        -- nobody else answers it before
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (api_key, key)
);
INSERT INTO idempotency SELECT api_key, key, fingerprint, http_status, body, 0, created_at FROM idempotency_before;
DROP TABLE idempotency_before;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
