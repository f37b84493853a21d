-- How deliveries fare, each and all together.

ALTER TABLE events ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;       -- steps of the schedule that are used up
ALTER TABLE events ADD COLUMN planned_at INTEGER;                        -- what the schedule says; an earlier try uses no step up
ALTER TABLE events ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;     -- what the merchant's retry-after says
ALTER TABLE events ADD COLUMN last_attempt_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN exhausted_at INTEGER;                      -- given up
ALTER TABLE events ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;         -- the merchant wants it now
ALTER TABLE events ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;         -- once more: it waits for no other and holds none up
UPDATE events SET failures = deliveries - taken WHERE next_attempt_at IS NOT NULL AND deliveries > 0;
UPDATE events SET planned_at = next_attempt_at WHERE next_attempt_at IS NOT NULL;
UPDATE events SET exhausted_at = created_at WHERE next_attempt_at IS NULL AND delivered_at IS NULL AND deliveries > 0;
UPDATE events SET alone = TRUE WHERE next_attempt_at IS NOT NULL AND delivered_at IS NOT NULL;
CREATE INDEX events_by_last_attempt ON events (last_attempt_at, seq) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX events_exhausted ON events (seq) WHERE exhausted_at IS NOT NULL;

CREATE TABLE webhook_endpoints (
    url_digest       TEXT PRIMARY KEY,     -- SHA-256, hexadecimal; the address itself may hold a secret
    failures         INTEGER NOT NULL DEFAULT 0,       -- in a row
    first_failure_at INTEGER,                          -- of those
    failing          INTEGER NOT NULL DEFAULT 0,
    last_success_at  INTEGER,
    last_failure_at  INTEGER,
    last_http_status INTEGER,
    last_error       TEXT,
    disabled_at      INTEGER,                          -- it said 410 Gone
    paused_until     INTEGER NOT NULL DEFAULT 0,       -- it asked to wait
    probe_at         INTEGER NOT NULL DEFAULT 0        -- while it fails: when it is tried next
) STRICT;
