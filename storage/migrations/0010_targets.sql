-- What a message menu was used on, until its form is sent: Discord shows a bot the message that one time only.

CREATE TABLE targets ( -- an hour each, five a member: what is older goes as the next one comes
    id TEXT PRIMARY KEY CHECK (length(id) = 16),
    server_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    media TEXT NOT NULL CHECK (json_array_length(media) BETWEEN 1 AND 10), -- what it showed: links and names
    entered TEXT, -- what was sent last, to open it again
    used_at INTEGER NOT NULL,
    CHECK (length(media) <= 200000 AND length(entered) <= 400000)
) STRICT, WITHOUT ROWID;

CREATE INDEX targets_of_member ON targets (member_id, used_at);
CREATE INDEX targets_by_age ON targets (used_at);

CREATE TRIGGER targets_are_what_was_shown BEFORE UPDATE OF id, server_id, member_id, media, used_at ON targets
BEGIN SELECT RAISE(ABORT, 'what a message showed is never changed'); END;
