-- A grant may be revoked, and a freeze be given another reason: the log is made anew with the same lines.

DROP TRIGGER grants_are_in_the_log; -- it names the table that is away for a moment

CREATE TABLE changes_anew ( -- append-only: the last row of a subject is in force, and all rows are the audit log
    id INTEGER PRIMARY KEY,
    server_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (
        kind IN ('server limit', 'member limit', 'role limit', 'request cap', 'jobs at once', 'time zone',
                 'staff role', 'alerts channel', 'freeze', 'grant', 'revoke', 'resolve')
    ),
    subject TEXT NOT NULL CHECK (length(subject) <= 20), -- a member, role, job or grant; empty: the server
    before TEXT,
    value TEXT, -- NULL: it inherits again; a grant's is the grant
    actor_id INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (length(reason) <= 500),
    changed_at INTEGER NOT NULL, -- what is frozen may be frozen again, for another reason
    CHECK (
        CASE kind
            WHEN 'grant' THEN coalesce(before, value) IS NULL
            WHEN 'freeze' THEN coalesce(before, value) IS NOT NULL
            ELSE before IS NOT value
        END
    )
) STRICT;

INSERT INTO changes_anew SELECT * FROM changes;
DROP TABLE changes;
ALTER TABLE changes_anew RENAME TO changes;

CREATE INDEX changes_of_subject ON changes (server_id, kind, subject, id);
CREATE INDEX changes_of_server ON changes (server_id);
CREATE INDEX alerts_channels ON changes (server_id, id) WHERE kind = 'alerts channel';
CREATE UNIQUE INDEX one_revocation ON changes (subject) WHERE kind = 'revoke';

CREATE TRIGGER changes_are_append_only BEFORE UPDATE ON changes
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER changes_stay BEFORE DELETE ON changes
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER changes_follow_one_another BEFORE INSERT ON changes
WHEN NEW.kind NOT IN ('grant', 'revoke', 'resolve') AND NEW.before IS NOT (
    SELECT value FROM changes
    WHERE server_id = NEW.server_id AND kind = NEW.kind AND subject = NEW.subject ORDER BY id DESC LIMIT 1
)
BEGIN SELECT RAISE(ABORT, 'a change says what was in force before it'); END;

CREATE TRIGGER revocations_are_of_grants BEFORE INSERT ON changes
WHEN NEW.kind = 'revoke' AND NOT EXISTS (
    SELECT 1 FROM grants
    WHERE id = CAST(NEW.subject AS INTEGER) AND CAST(id AS TEXT) = NEW.subject
      AND server_id = NEW.server_id AND expires_at > NEW.changed_at
)
BEGIN SELECT RAISE(ABORT, 'what is revoked is a grant of this server, while it lasts'); END;

CREATE TRIGGER grants_are_in_the_log BEFORE INSERT ON grants
WHEN NOT EXISTS (
    SELECT 1 FROM changes
    WHERE id = NEW.id AND kind = 'grant' AND server_id = NEW.server_id AND subject = CAST(NEW.member_id AS TEXT)
      AND changed_at < NEW.expires_at
)
BEGIN SELECT RAISE(ABORT, 'a grant is in the log, for this member, and ends after it was given'); END;

-- what was drawn stays drawn; nothing more is
CREATE TRIGGER draws_are_of_grants_that_stand BEFORE INSERT ON draws
WHEN NEW.kind = 'hold' AND EXISTS (
    SELECT 1 FROM changes WHERE kind = 'revoke' AND subject = CAST(NEW.grant_id AS TEXT)
)
BEGIN SELECT RAISE(ABORT, 'this grant was revoked'); END;
