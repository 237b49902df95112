-- How fast each member may ask for quotes; and whose file this is.

PRAGMA application_id = 1382119778; -- "Rayb": other programs' files are told from ours by it

CREATE TABLE paces ( -- a member's token bucket, all servers together: when it is full again
    member_id INTEGER PRIMARY KEY,
    full_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX quotes_of_member ON quotes (member_id, expires_at);
