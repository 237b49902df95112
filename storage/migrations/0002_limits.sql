-- What staff decide: limits, grants, freezes, and the resolution of jobs of which the provider says nothing.

INSERT INTO steps (before, after, outcome) VALUES
    ('unresolved', 'done', 'settle'),
    ('unresolved', 'failed', 'release');

CREATE TABLE changes ( -- append-only: the last row of a subject is in force, and all rows are the audit log
    id INTEGER PRIMARY KEY,
    server_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (
        kind IN ('server limit', 'member limit', 'role limit', 'request cap', 'jobs at once', 'time zone',
                 'staff role', 'alerts channel', 'freeze', 'grant', 'resolve')
    ),
    subject TEXT NOT NULL CHECK (length(subject) <= 20), -- a member, a role or a job; empty: the server
    before TEXT,
    value TEXT, -- NULL: it inherits again; a grant's is the grant
    actor_id INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (length(reason) <= 500),
    changed_at INTEGER NOT NULL,
    CHECK (CASE kind WHEN 'grant' THEN coalesce(before, value) IS NULL ELSE before IS NOT value END)
) STRICT;

CREATE INDEX changes_of_subject ON changes (server_id, kind, subject, id);
CREATE INDEX changes_of_server ON changes (server_id);

CREATE TRIGGER changes_are_append_only BEFORE UPDATE ON changes
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER changes_stay BEFORE DELETE ON changes
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER changes_follow_one_another BEFORE INSERT ON changes
WHEN NEW.kind NOT IN ('grant', 'resolve') AND NEW.before IS NOT (
    SELECT value FROM changes
    WHERE server_id = NEW.server_id AND kind = NEW.kind AND subject = NEW.subject ORDER BY id DESC LIMIT 1
)
BEGIN SELECT RAISE(ABORT, 'a change says what was in force before it'); END;

CREATE TABLE grants ( -- money beyond a member's limit; who gave it, when and why stands in the log under this id
    id INTEGER PRIMARY KEY REFERENCES changes (id),
    server_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX grants_of_member ON grants (server_id, member_id, expires_at);

CREATE TRIGGER grants_are_in_the_log BEFORE INSERT ON grants
WHEN NOT EXISTS (
    SELECT 1 FROM changes
    WHERE id = NEW.id AND kind = 'grant' AND server_id = NEW.server_id AND subject = CAST(NEW.member_id AS TEXT)
      AND changed_at < NEW.expires_at
)
BEGIN SELECT RAISE(ABORT, 'a grant is in the log, for this member, and ends after it was given'); END;

CREATE TRIGGER grants_are_immutable BEFORE UPDATE ON grants
BEGIN SELECT RAISE(ABORT, 'a grant is never changed'); END;

CREATE TRIGGER grants_stay BEFORE DELETE ON grants
BEGIN SELECT RAISE(ABORT, 'grants are kept'); END;

CREATE TABLE draws ( -- what a job takes from grants: of its hold, and in the end of what was settled
    job_id TEXT NOT NULL REFERENCES jobs (id),
    grant_id INTEGER NOT NULL REFERENCES grants (id),
    kind TEXT NOT NULL CHECK (kind IN ('hold', 'settle')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    server_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    held_at INTEGER NOT NULL,
    PRIMARY KEY (job_id, grant_id, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX draws_of_grant ON draws (grant_id, kind, job_id, amount);
CREATE INDEX draws_of_member ON draws (server_id, member_id, kind, held_at, amount);

CREATE TRIGGER draws_are_append_only BEFORE UPDATE ON draws
BEGIN SELECT RAISE(ABORT, 'draws are append-only'); END;

CREATE TRIGGER draws_stay BEFORE DELETE ON draws
BEGIN SELECT RAISE(ABORT, 'draws are append-only'); END;

CREATE TRIGGER draws_are_the_jobs BEFORE INSERT ON draws
WHEN NOT EXISTS (
    SELECT 1 FROM jobs JOIN grants ON grants.server_id = jobs.server_id AND grants.member_id = jobs.member_id
    WHERE jobs.id = NEW.job_id AND grants.id = NEW.grant_id AND grants.expires_at > jobs.held_at
      AND jobs.server_id = NEW.server_id AND jobs.member_id = NEW.member_id AND jobs.held_at = NEW.held_at
)
BEGIN SELECT RAISE(ABORT, 'a job draws on its own member''s grants, while they last'); END;

CREATE TRIGGER draws_fit_their_hold BEFORE INSERT ON draws
WHEN NEW.kind = 'hold' AND NOT EXISTS (
    SELECT 1 FROM ledger JOIN jobs ON jobs.id = ledger.job_id
    WHERE ledger.job_id = NEW.job_id AND ledger.kind = 'hold' AND jobs.state = 'queued' AND jobs.version = 1
      AND ledger.amount >= NEW.amount + (
          SELECT coalesce(sum(amount), 0) FROM draws WHERE job_id = NEW.job_id AND kind = 'hold')
)
BEGIN SELECT RAISE(ABORT, 'grants are drawn on with the hold, up to its amount'); END;

CREATE TRIGGER draws_fit_their_grant BEFORE INSERT ON draws
WHEN NEW.kind = 'hold' AND NEW.amount > (
    SELECT grants.amount
        - (SELECT coalesce(sum(amount), 0) FROM draws WHERE grant_id = NEW.grant_id AND kind = 'settle')
        - (SELECT coalesce(sum(draws.amount), 0) FROM draws CROSS JOIN jobs ON jobs.id = draws.job_id
           WHERE draws.grant_id = NEW.grant_id AND draws.kind = 'hold'
             AND jobs.state IN ('queued', 'sending', 'running', 'unresolved'))
    FROM grants WHERE id = NEW.grant_id
)
BEGIN SELECT RAISE(ABORT, 'a grant gives no more than its amount'); END;

CREATE TRIGGER draws_settle_what_they_held BEFORE INSERT ON draws
WHEN NEW.kind = 'settle' AND NOT EXISTS (
    SELECT 1 FROM draws
    WHERE job_id = NEW.job_id AND grant_id = NEW.grant_id AND kind = 'hold' AND amount >= NEW.amount
)
BEGIN SELECT RAISE(ABORT, 'what is settled was held'); END;

-- the limit pays first, and what is beyond it comes from grants
CREATE TRIGGER steps_settle_their_draws BEFORE UPDATE OF state ON jobs
WHEN NEW.state IN ('done', 'failed', 'cancelled') AND
    (SELECT coalesce(sum(amount), 0) FROM draws WHERE job_id = NEW.id AND kind = 'settle') <> max(
        (SELECT coalesce(sum(amount), 0) FROM draws WHERE job_id = NEW.id AND kind = 'hold')
        + (SELECT coalesce(sum(amount), 0) FROM ledger WHERE job_id = NEW.id AND kind = 'settle')
        - (SELECT amount FROM ledger WHERE job_id = NEW.id AND kind = 'hold'), 0)
BEGIN SELECT RAISE(ABORT, 'what the limit does not pay is drawn from grants'); END;
