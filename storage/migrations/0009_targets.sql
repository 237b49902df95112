-- What a message menu was used on, until its form is sent: Discord shows a bot the message that one time only.

CREATE TABLE targets ( -- never changed but for what was entered; gone within the hour
    id TEXT PRIMARY KEY CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*'),
    server_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    media TEXT NOT NULL CHECK (
        json_valid(media) AND json_array_length(media) BETWEEN 1 AND 10 AND length(media) <= 200000
    ),
    entered TEXT CHECK ( -- what was sent last, to open it again
        entered IS NULL OR (json_valid(entered) AND length(entered) <= 400000)
    ),
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX targets_of_member ON targets (member_id, used_at);
CREATE INDEX targets_by_age ON targets (used_at);

CREATE TRIGGER targets_are_what_was_shown BEFORE UPDATE OF id, server_id, member_id, media, used_at ON targets
BEGIN SELECT RAISE(ABORT, 'what a message showed is never changed'); END;
