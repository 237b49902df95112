-- A server's policy, members' presets, and which results the provider's check flags. The kinds of changes become rows,
-- so that a further one is an insertion: the log is made anew with the same lines.

CREATE TABLE kinds ( -- what staff change; of some the last line is in force, others happen once
    kind TEXT PRIMARY KEY,
    lasts INTEGER NOT NULL CHECK (lasts IN (0, 1))
) STRICT, WITHOUT ROWID;

INSERT INTO kinds (kind, lasts) VALUES
    ('server limit', 1), ('member limit', 1), ('role limit', 1), ('request cap', 1), ('jobs at once', 1),
    ('time zone', 1), ('staff role', 1), ('alerts channel', 1), ('freeze', 1), ('grant', 0), ('revoke', 0),
    ('resolve', 0),
    ('default resolution', 1), ('default aspect ratio', 1), ('default duration', 1), ('default format', 1),
    ('default quality', 1), ('allowed resolutions', 1), ('allowed kinds', 1), ('safety', 1), ('flagged videos', 1),
    ('channels', 1), ('results channel', 1), ('blocked words', 1);

CREATE TRIGGER kinds_are_immutable BEFORE UPDATE ON kinds
BEGIN SELECT RAISE(ABORT, 'a kind is never changed'); END;

CREATE TRIGGER kinds_stay BEFORE DELETE ON kinds
BEGIN SELECT RAISE(ABORT, 'kinds are kept'); END;

PRAGMA legacy_alter_table = ON; -- triggers of other tables name the table that is away for a moment

CREATE TABLE changes_anew ( -- append-only: the last row of a subject is in force, and all rows are the audit log
    id INTEGER PRIMARY KEY,
    server_id INTEGER NOT NULL,
    kind TEXT NOT NULL REFERENCES kinds (kind),
    subject TEXT NOT NULL CHECK (length(subject) <= 20), -- a member, role, job or grant; empty: the server
    before TEXT,
    value TEXT, -- NULL: it inherits again; a grant's is the grant
    actor_id INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (length(reason) <= 500),
    changed_at INTEGER NOT NULL,
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
PRAGMA legacy_alter_table = OFF;

CREATE INDEX changes_of_subject ON changes (server_id, kind, subject, id);
CREATE INDEX changes_of_server ON changes (server_id);
CREATE INDEX alerts_channels ON changes (server_id, id) WHERE kind = 'alerts channel';
CREATE UNIQUE INDEX one_revocation ON changes (subject) WHERE kind = 'revoke';

CREATE TRIGGER changes_are_append_only BEFORE UPDATE ON changes
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER changes_stay BEFORE DELETE ON changes
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER changes_follow_one_another BEFORE INSERT ON changes
WHEN (SELECT lasts FROM kinds WHERE kind = NEW.kind) AND NEW.before IS NOT (
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

ALTER TABLE results ADD COLUMN flagged INTEGER NOT NULL DEFAULT 0 CHECK (flagged IN (0, 1)); -- not for everybody

CREATE TABLE presets ( -- a member's own defaults, by a name of their own; saved again, it is replaced
    server_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    key TEXT NOT NULL CHECK (length(key) > 0), -- the name in folded case
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 32),
    choices TEXT NOT NULL CHECK (json_valid(choices) AND json_type(choices) = 'object' AND choices <> '{}'),
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (server_id, member_id, key)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER presets_are_few BEFORE INSERT ON presets
WHEN 20 <= (
    SELECT count(*) FROM presets
    WHERE server_id = NEW.server_id AND member_id = NEW.member_id AND key <> NEW.key
)
BEGIN SELECT RAISE(ABORT, 'a member has 20 presets at most'); END;
