-- Finished videos that are posted once more, because somebody asked for it.

CREATE TABLE reposts ( -- one press each; otherwise as posts
    nonce TEXT PRIMARY KEY CHECK (length(nonce) <= 25),
    job_id TEXT NOT NULL REFERENCES jobs (id),
    n INTEGER NOT NULL CHECK (n > 0), -- the how many-th of its job's
    asked_by INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'posted', 'undelivered')),
    channel_id INTEGER NOT NULL, -- where it is, or is being tried
    attempted_at INTEGER, -- from then on it may be there: look before posting
    message_id INTEGER UNIQUE,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at INTEGER,
    UNIQUE (job_id, n),
    CHECK (nonce = job_id || '.a' || n),
    CHECK ((message_id IS NOT NULL) = (state = 'posted'))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX one_repost_at_a_time ON reposts (job_id) WHERE state = 'waiting';
CREATE INDEX reposts_of_job ON reposts (job_id, asked_at);
CREATE INDEX reposts_of_member ON reposts (asked_by, asked_at);

CREATE TRIGGER reposts_have_something_to_show BEFORE INSERT ON reposts
WHEN NEW.state <> 'waiting' OR NOT EXISTS (SELECT 1 FROM results WHERE job_id = NEW.job_id AND failure IS NULL)
BEGIN SELECT RAISE(ABORT, 'what was never finished is not posted again'); END;

CREATE TRIGGER reposts_are_made_once BEFORE UPDATE ON reposts
WHEN OLD.state <> 'waiting'
BEGIN SELECT RAISE(ABORT, 'a repost is made once'); END;

CREATE TRIGGER reposts_keep_their_name BEFORE UPDATE OF nonce, job_id, n, asked_by, asked_at ON reposts
BEGIN SELECT RAISE(ABORT, 'a repost is known by its nonce for good'); END;

CREATE TRIGGER reposts_stay BEFORE DELETE ON reposts
BEGIN SELECT RAISE(ABORT, 'reposts are kept'); END;
