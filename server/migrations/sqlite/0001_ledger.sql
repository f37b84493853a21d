-- Times are milliseconds since the Unix epoch; amounts are minor units.

CREATE TABLE signer (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE payments (
    id                TEXT PRIMARY KEY,
    account           TEXT NOT NULL,
    gateway           TEXT NOT NULL,
    order_id          TEXT NOT NULL,
    amount            INTEGER NOT NULL CHECK (amount > 0),
    currency          TEXT NOT NULL,
    subject           TEXT NOT NULL,
    description       TEXT,
    method            TEXT NOT NULL,     -- JSON, without the payer's token
    sealed_token      BLOB,              -- the payer's token, encrypted under a key that is not in this file
    return_url        TEXT,
    metadata          TEXT NOT NULL,     -- JSON
    livemode          INTEGER NOT NULL,
    fingerprint       BLOB NOT NULL,     -- SHA-256 of the request that created it
    secret_generation INTEGER NOT NULL DEFAULT 1,
    status            TEXT NOT NULL,
    state             TEXT NOT NULL,     -- JSON: what follows from the facts
    revision          INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    expires_at        INTEGER NOT NULL,
    next_check_at     INTEGER,           -- when the gateway is to be asked
    checks            INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, order_id)
) STRICT;
CREATE INDEX payments_due ON payments (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX payments_of_a_day ON payments (account, created_at);

CREATE TABLE attempts (
    id         TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments (id),
    number     INTEGER NOT NULL,
    account    TEXT NOT NULL,
    order_no   TEXT NOT NULL,
    live       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (payment_id, number),
    UNIQUE (account, order_no)
) STRICT;
CREATE UNIQUE INDEX one_live_attempt ON attempts (payment_id) WHERE live = 1;

CREATE TABLE facts (
    seq        INTEGER PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments (id),
    attempt    INTEGER NOT NULL,         -- 0: about the payment as a whole
    source     TEXT NOT NULL,
    claim      TEXT NOT NULL,            -- JSON
    amount     INTEGER,
    digest     BLOB NOT NULL,
    at         INTEGER NOT NULL,
    UNIQUE (payment_id, attempt, source, digest)
) STRICT;

CREATE TABLE events (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    payment_id      TEXT NOT NULL REFERENCES payments (id),
    revision        INTEGER NOT NULL,
    type            TEXT NOT NULL,
    body            BLOB NOT NULL,       -- exactly what is signed and sent
    created_at      INTEGER NOT NULL,
    deliveries      INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,             -- NULL: delivered, given up, or nowhere to send it
    delivered_at    INTEGER,
    last_error      TEXT,
    UNIQUE (payment_id, revision)
) STRICT;
CREATE INDEX events_due ON events (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

CREATE TABLE idempotency (
    api_key     TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    http_status INTEGER NOT NULL,
    body        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (api_key, key)
) STRICT;
