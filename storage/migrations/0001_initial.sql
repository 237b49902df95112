-- Quotes, jobs, results, posts and the ledger. What the domain forbids, this schema refuses.
-- Money is whole nano-dollars; times are whole microseconds since 1970, UTC; ids of Discord's are integers.

CREATE TABLE installation ( -- what this installation remembers of itself
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE quotes ( -- a price that was shown; never changed
    id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 20),
    server_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    request TEXT NOT NULL CHECK (json_valid(request)),
    price_list TEXT NOT NULL,
    total INTEGER NOT NULL CHECK (total > 0),
    quoted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL CHECK (expires_at > quoted_at)
) STRICT;

CREATE TRIGGER quotes_are_immutable BEFORE UPDATE ON quotes
BEGIN SELECT RAISE(ABORT, 'a quote is never changed'); END;

CREATE TRIGGER quotes_stay BEFORE DELETE ON quotes
BEGIN SELECT RAISE(ABORT, 'quotes are kept'); END;

CREATE TABLE cancelled_quotes (
    quote_id TEXT PRIMARY KEY REFERENCES quotes (id),
    cancelled_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER cancellations_are_immutable BEFORE UPDATE ON cancelled_quotes
BEGIN SELECT RAISE(ABORT, 'a quote is cancelled for good'); END;

CREATE TRIGGER cancellations_stay BEFORE DELETE ON cancelled_quotes
BEGIN SELECT RAISE(ABORT, 'a quote is cancelled for good'); END;

CREATE TABLE sources ( -- the kept files that a quote is made from
    quote_id TEXT NOT NULL REFERENCES quotes (id),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
    PRIMARY KEY (quote_id, sha256)
) STRICT, WITHOUT ROWID;

CREATE INDEX sources_by_hash ON sources (sha256);

CREATE TRIGGER sources_are_immutable BEFORE UPDATE ON sources
BEGIN SELECT RAISE(ABORT, 'a quote keeps its sources'); END;

CREATE TRIGGER sources_stay BEFORE DELETE ON sources
BEGIN SELECT RAISE(ABORT, 'a quote keeps its sources'); END;

CREATE TABLE jobs (
    id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 20),
    quote_id TEXT NOT NULL UNIQUE REFERENCES quotes (id), -- one quote buys at most once
    server_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 4), -- results asked for
    task_id TEXT NOT NULL UNIQUE, -- the provider's taskUUID: ours, stored before anything is sent
    body TEXT NOT NULL CHECK (json_valid(body)), -- what is sent under it, each time the same
    state TEXT NOT NULL CHECK (
        state IN ('queued', 'sending', 'running', 'done', 'failed', 'cancelled', 'unresolved')
    ),
    version INTEGER NOT NULL DEFAULT 1,
    held_at INTEGER NOT NULL,
    sent_at INTEGER, -- the first attempt of the present sending
    accepted_at INTEGER,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at INTEGER,
    reason TEXT, -- why there is no video, or why it waits
    way TEXT NOT NULL DEFAULT 'usual' CHECK (way IN ('usual', 'other')), -- in which its sources are given
    CHECK (state NOT IN ('queued', 'cancelled') OR sent_at IS NULL),
    CHECK (state NOT IN ('sending', 'running', 'done', 'unresolved') OR sent_at IS NOT NULL),
    CHECK (state <> 'running' OR accepted_at IS NOT NULL),
    CHECK (state <> 'failed' OR reason IS NOT NULL)
) STRICT;

CREATE INDEX jobs_under_way ON jobs (state, held_at)
WHERE state IN ('queued', 'sending', 'running', 'unresolved');
CREATE INDEX jobs_of_member ON jobs (server_id, member_id, held_at);

CREATE TABLE steps ( -- the arrows of bot/domain/job.py
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    outcome TEXT CHECK (outcome IN ('settle', 'release')), -- booked before the step, in its transaction
    PRIMARY KEY (before, after)
) STRICT, WITHOUT ROWID;

INSERT INTO steps (before, after, outcome) VALUES
    ('queued', 'sending', NULL),
    ('sending', 'running', NULL),
    ('sending', 'queued', NULL),
    ('sending', 'failed', 'release'),
    ('queued', 'cancelled', 'release'),
    ('queued', 'failed', 'release'),
    ('running', 'done', 'settle'),
    ('running', 'failed', 'release'),
    ('sending', 'unresolved', NULL),
    ('running', 'unresolved', NULL),
    ('unresolved', 'running', NULL);

CREATE TABLE ledger ( -- append-only; the first three columns after the amount are the job's, for sums by index
    id INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    kind TEXT NOT NULL CHECK (kind IN ('hold', 'settle', 'release', 'overrun')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    server_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    held_at INTEGER NOT NULL,
    estimated INTEGER NOT NULL DEFAULT 0 CHECK (estimated IN (0, 1)), -- the provider named no cost
    booked_at INTEGER NOT NULL,
    CHECK (estimated = 0 OR kind = 'settle')
) STRICT;

-- a job is held once, that hold is settled or released once, and what exceeds it is one entry
CREATE UNIQUE INDEX one_hold ON ledger (job_id) WHERE kind = 'hold';
CREATE UNIQUE INDEX one_outcome ON ledger (job_id) WHERE kind IN ('settle', 'release');
CREATE UNIQUE INDEX one_overrun ON ledger (job_id) WHERE kind = 'overrun';
CREATE INDEX ledger_of_job ON ledger (job_id, kind, amount);
CREATE INDEX ledger_of_account ON ledger (kind, held_at, amount);
CREATE INDEX ledger_of_server ON ledger (server_id, kind, held_at, amount);
CREATE INDEX ledger_of_member ON ledger (server_id, member_id, kind, held_at, amount);

CREATE TRIGGER ledger_is_append_only BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER ledger_keeps_everything BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER entries_are_the_jobs BEFORE INSERT ON ledger
WHEN NOT EXISTS (
    SELECT 1 FROM jobs
    WHERE id = NEW.job_id AND server_id = NEW.server_id AND member_id = NEW.member_id AND held_at = NEW.held_at
)
BEGIN SELECT RAISE(ABORT, 'an entry belongs to its job''s server, member and moment'); END;

CREATE TRIGGER holds_are_the_quotes BEFORE INSERT ON ledger
WHEN NEW.kind = 'hold' AND NEW.amount <> (
    SELECT quotes.total FROM quotes JOIN jobs ON jobs.quote_id = quotes.id WHERE jobs.id = NEW.job_id
)
BEGIN SELECT RAISE(ABORT, 'a hold is the quote, to the nano-dollar'); END;

CREATE TRIGGER outcomes_fit_their_hold BEFORE INSERT ON ledger
WHEN NEW.kind IN ('settle', 'release') AND NOT EXISTS (
    SELECT 1 FROM ledger
    WHERE job_id = NEW.job_id AND kind = 'hold'
      AND CASE NEW.kind WHEN 'release' THEN amount = NEW.amount ELSE amount >= NEW.amount END
)
BEGIN SELECT RAISE(ABORT, 'a hold is settled up to its amount, or released whole'); END;

CREATE TRIGGER outcomes_belong_to_a_step BEFORE INSERT ON ledger
WHEN NEW.kind IN ('settle', 'release') AND NOT EXISTS (
    SELECT 1 FROM jobs JOIN steps ON steps.before = jobs.state
    WHERE jobs.id = NEW.job_id AND steps.outcome = NEW.kind
)
BEGIN SELECT RAISE(ABORT, 'no step from here has this outcome'); END;

CREATE TRIGGER jobs_begin_queued BEFORE INSERT ON jobs
WHEN NEW.state <> 'queued' OR EXISTS (SELECT 1 FROM cancelled_quotes WHERE quote_id = NEW.quote_id)
BEGIN SELECT RAISE(ABORT, 'a job begins queued, from a quote that stands'); END;

CREATE TRIGGER jobs_are_their_quotes BEFORE INSERT ON jobs
WHEN NOT EXISTS (
    SELECT 1 FROM quotes
    WHERE id = NEW.quote_id AND server_id = NEW.server_id AND member_id = NEW.member_id
      AND json_extract(request, '$.count') = NEW.count
)
BEGIN SELECT RAISE(ABORT, 'a job is what its quote says'); END;

CREATE TRIGGER bought_quotes_stand BEFORE INSERT ON cancelled_quotes
WHEN EXISTS (SELECT 1 FROM jobs WHERE quote_id = NEW.quote_id)
BEGIN SELECT RAISE(ABORT, 'this quote was confirmed'); END;

CREATE TRIGGER jobs_move_by_steps BEFORE UPDATE OF state ON jobs
WHEN NOT EXISTS (SELECT 1 FROM steps WHERE before = OLD.state AND after = NEW.state)
BEGIN SELECT RAISE(ABORT, 'there is no such step'); END;

CREATE TRIGGER jobs_move_on_a_hold BEFORE UPDATE OF state ON jobs
WHEN NOT EXISTS (SELECT 1 FROM ledger WHERE job_id = NEW.id AND kind = 'hold')
BEGIN SELECT RAISE(ABORT, 'nothing moves without a hold'); END;

CREATE TRIGGER steps_book_their_outcome BEFORE UPDATE OF state ON jobs
WHEN (SELECT outcome FROM steps WHERE before = OLD.state AND after = NEW.state) IS NOT
     (SELECT kind FROM ledger WHERE job_id = NEW.id AND kind IN ('settle', 'release'))
BEGIN SELECT RAISE(ABORT, 'a step and its outcome are booked together'); END;

CREATE TRIGGER jobs_keep_what_was_asked BEFORE UPDATE OF
    id, quote_id, server_id, member_id, count, task_id, body, held_at ON jobs
BEGIN SELECT RAISE(ABORT, 'what was asked is never changed'); END;

CREATE TRIGGER jobs_change_their_way_once BEFORE UPDATE OF way ON jobs
WHEN OLD.way <> 'usual' OR OLD.state <> 'sending'
BEGIN SELECT RAISE(ABORT, 'a job changes its way once, while it is being sent'); END;

CREATE TRIGGER jobs_stay BEFORE DELETE ON jobs
BEGIN SELECT RAISE(ABORT, 'jobs are kept'); END;

CREATE TABLE results ( -- as they came from the provider; never changed
    job_id TEXT NOT NULL REFERENCES jobs (id),
    n INTEGER NOT NULL CHECK (n BETWEEN 1 AND 4),
    video_id TEXT, -- the provider's videoUUID; a failure may come without
    links TEXT NOT NULL CHECK (json_valid(links)), -- the video first; empty for a failure
    cost INTEGER CHECK (cost >= 0),
    failure TEXT,
    arrived_at INTEGER NOT NULL,
    PRIMARY KEY (job_id, n),
    UNIQUE (job_id, video_id),
    CHECK ((failure IS NULL) = (json_array_length(links) > 0)),
    CHECK (failure IS NOT NULL OR video_id IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER results_are_immutable BEFORE UPDATE ON results
BEGIN SELECT RAISE(ABORT, 'a result is never changed'); END;

CREATE TRIGGER results_stay BEFORE DELETE ON results
BEGIN SELECT RAISE(ABORT, 'results are kept'); END;

CREATE TRIGGER results_are_what_was_asked BEFORE INSERT ON results
WHEN NEW.n > (SELECT count FROM jobs WHERE id = NEW.job_id)
BEGIN SELECT RAISE(ABORT, 'more results than were asked for'); END;

CREATE TRIGGER results_come_in_order BEFORE INSERT ON results
WHEN NEW.n <> 1 + (SELECT count(*) FROM results WHERE job_id = NEW.job_id)
BEGIN SELECT RAISE(ABORT, 'results are numbered as they arrive'); END;

CREATE TRIGGER results_come_to_running_jobs BEFORE INSERT ON results
WHEN (SELECT state FROM jobs WHERE id = NEW.job_id) <> 'running'
BEGIN SELECT RAISE(ABORT, 'a job that is not running has no new results'); END;

CREATE TRIGGER jobs_end_with_their_last_result BEFORE UPDATE OF state ON jobs
WHEN OLD.state = 'running' AND NEW.state IN ('done', 'failed')
    AND (SELECT count(*) FROM results WHERE job_id = NEW.id) <> NEW.count
BEGIN SELECT RAISE(ABORT, 'a job ends with its last result'); END;

CREATE TRIGGER jobs_are_done_with_a_success BEFORE UPDATE OF state ON jobs
WHEN OLD.state = 'running' AND NEW.state IN ('done', 'failed')
    AND (NEW.state = 'done') <> EXISTS (SELECT 1 FROM results WHERE job_id = NEW.id AND failure IS NULL)
BEGIN SELECT RAISE(ABORT, 'a job is done with one success at least, and failed without any'); END;

CREATE TABLE transfers ( -- what a job's body calls what was uploaded for it: stored before it is sent, never changed
    job_id TEXT NOT NULL REFERENCES jobs (id),
    sha256 TEXT NOT NULL,
    way TEXT NOT NULL,
    reference TEXT NOT NULL CHECK (length(reference) > 0), -- the provider's mediaUUID or mediaURL
    made_at INTEGER NOT NULL,
    PRIMARY KEY (job_id, sha256, way)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER transfers_come_before_their_use BEFORE INSERT ON transfers
WHEN NOT EXISTS (SELECT 1 FROM jobs WHERE id = NEW.job_id AND state = 'sending' AND way = NEW.way)
BEGIN SELECT RAISE(ABORT, 'what is uploaded is for a job that is being sent in this way'); END;

CREATE TRIGGER transfers_are_immutable BEFORE UPDATE ON transfers
BEGIN SELECT RAISE(ABORT, 'a transfer is never changed'); END;

CREATE TRIGGER transfers_stay BEFORE DELETE ON transfers
BEGIN SELECT RAISE(ABORT, 'transfers are kept'); END;

CREATE TABLE posts ( -- what Discord is to show: written with the reason for it, done when there is a message
    nonce TEXT PRIMARY KEY CHECK (length(nonce) <= 25),
    job_id TEXT NOT NULL REFERENCES jobs (id),
    kind TEXT NOT NULL CHECK (kind IN ('progress', 'notice', 'result')),
    n INTEGER NOT NULL CHECK (n BETWEEN 0 AND 4), -- the result's number; 0 for the others
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'posted', 'undelivered')),
    channel_id INTEGER NOT NULL, -- where it is, or is being tried
    attempted_at INTEGER, -- from then on it may be there: look before posting
    message_id INTEGER UNIQUE,
    latest INTEGER NOT NULL DEFAULT 1, -- the job's version, kept by a trigger
    shown INTEGER NOT NULL DEFAULT 0, -- the version that the message shows
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at INTEGER,
    UNIQUE (job_id, kind, n),
    CHECK ((n > 0) = (kind = 'result')),
    CHECK ((message_id IS NOT NULL) = (state = 'posted'))
) STRICT, WITHOUT ROWID;

CREATE INDEX posts_waiting ON posts (job_id) WHERE state = 'waiting';
CREATE INDEX posts_behind ON posts (job_id) WHERE state = 'posted' AND kind = 'progress' AND shown < latest;

CREATE TRIGGER posts_follow_their_job AFTER UPDATE OF version ON jobs
BEGIN UPDATE posts SET latest = NEW.version WHERE job_id = NEW.id AND kind = 'progress'; END;

CREATE TRIGGER posts_are_made_once BEFORE UPDATE ON posts
WHEN OLD.state <> 'waiting' AND (NEW.state, NEW.message_id) IS NOT (OLD.state, OLD.message_id)
BEGIN SELECT RAISE(ABORT, 'a post is made once'); END;

CREATE TRIGGER posts_keep_their_name BEFORE UPDATE OF nonce, job_id, kind, n ON posts
BEGIN SELECT RAISE(ABORT, 'a post is known by its nonce for good'); END;

CREATE TRIGGER posts_stay BEFORE DELETE ON posts
BEGIN SELECT RAISE(ABORT, 'posts are kept'); END;
