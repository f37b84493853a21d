-- Logins run by the signer, where each attempt was confirmed, and refunds.

ALTER TABLE payments ADD COLUMN payer TEXT;            -- JSON: the payer as the gateway's login named them
ALTER TABLE payments ADD COLUMN sealed_tokens BYTEA;    -- the payer's tokens from that login, encrypted like sealed_token

ALTER TABLE attempts ADD COLUMN circumstances TEXT;    -- JSON: where the payer confirmed it

CREATE TABLE logins (
    nonce      TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments (id),
    account    TEXT NOT NULL,
    purpose    TEXT NOT NULL,            -- login: once; consent: as often as the payer comes back
    created_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX logins_of_a_payment ON logins (payment_id);

CREATE TABLE refunds (
    id              TEXT PRIMARY KEY,
    payment_id      TEXT NOT NULL REFERENCES payments (id),
    number          BIGINT NOT NULL,
    account         TEXT NOT NULL,
    refund_no       TEXT NOT NULL,       -- the number sent to the gateway
    refund_id       TEXT,                -- the merchant's own number
    request_key     TEXT,                -- whose idempotency key asked for it, so that a crash before the answer loses nothing
    amount          BIGINT NOT NULL CHECK (amount > 0),
    reason          TEXT,
    refunded_before BIGINT NOT NULL,
    fingerprint     BYTEA NOT NULL,       -- SHA-256 of the request
    live            BOOLEAN NOT NULL,
    created_at      BIGINT NOT NULL,
    UNIQUE (payment_id, number),
    UNIQUE (account, refund_no),
    UNIQUE (payment_id, refund_id),
    UNIQUE (payment_id, request_key)
);
CREATE UNIQUE INDEX one_live_refund ON refunds (payment_id) WHERE live;
