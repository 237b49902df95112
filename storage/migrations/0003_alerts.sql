-- What staff are told without asking, and what the provider was seen to bill.

CREATE TABLE alerts ( -- written with the reason for it, done when there is a message
    id INTEGER PRIMARY KEY,
    nonce TEXT NOT NULL UNIQUE DEFAULT ('a.' || lower(hex(randomblob(8)))) CHECK (length(nonce) <= 25),
    server_id INTEGER NOT NULL,
    subject TEXT NOT NULL, -- what it is about, in one of the server's windows once for each level
    level INTEGER NOT NULL, -- of two about the same, the one with the higher level says it all
    facts TEXT NOT NULL CHECK (json_valid(facts)),
    written_at INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'posted', 'undelivered')),
    channel_id INTEGER, -- where it is, or is being tried
    attempted_at INTEGER, -- from then on it may be there: look before posting
    message_id INTEGER UNIQUE,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at INTEGER,
    CHECK ((message_id IS NOT NULL) = (state = 'posted')),
    CHECK (attempted_at IS NULL OR channel_id IS NOT NULL)
) STRICT;

CREATE INDEX alerts_of_subject ON alerts (server_id, subject, written_at, level);
CREATE INDEX alerts_waiting ON alerts (id) WHERE state = 'waiting';
CREATE INDEX alerts_channels ON changes (server_id, id) WHERE kind = 'alerts channel';

CREATE TRIGGER alerts_are_posted_once BEFORE UPDATE ON alerts
WHEN OLD.state <> 'waiting'
BEGIN SELECT RAISE(ABORT, 'an alert is posted once'); END;

CREATE TRIGGER alerts_keep_what_they_say BEFORE UPDATE OF
    id, nonce, server_id, subject, level, facts, written_at ON alerts
BEGIN SELECT RAISE(ABORT, 'what an alert says is never changed'); END;

CREATE TRIGGER alerts_stay BEFORE DELETE ON alerts
BEGIN SELECT RAISE(ABORT, 'alerts are kept'); END;

CREATE TABLE observed_prices ( -- append-only: the last one of a configuration counts for as long as its price list
    id INTEGER PRIMARY KEY,
    price_list TEXT NOT NULL,
    configuration TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0), -- of a result, or of a second of one
    job_id TEXT NOT NULL UNIQUE REFERENCES jobs (id), -- on which it was seen
    observed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX observed_prices_of_list ON observed_prices (price_list, configuration, id, observed_at, amount);

CREATE TRIGGER observed_prices_are_append_only BEFORE UPDATE ON observed_prices
BEGIN SELECT RAISE(ABORT, 'what was observed is never changed'); END;

CREATE TRIGGER observed_prices_stay BEFORE DELETE ON observed_prices
BEGIN SELECT RAISE(ABORT, 'what was observed is kept'); END;

CREATE INDEX ledger_by_booking ON ledger (kind, booked_at, amount);
