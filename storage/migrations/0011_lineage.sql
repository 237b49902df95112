-- What a quote goes on from, and which messages with a finished video were deleted.

CREATE TABLE lineage ( -- written with the quote, never changed
    quote_id TEXT PRIMARY KEY REFERENCES quotes (id),
    parent_id TEXT NOT NULL, -- the job whose finished video it goes on from
    parent_n INTEGER NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('again', 'remix', 'bigger', 'continue', 'edit', 'reframe')),
    film TEXT CHECK (length(film) = 64 AND film NOT GLOB '*[^0-9a-f]*'), -- what a continuation is joined to
    FOREIGN KEY (parent_id, parent_n) REFERENCES results (job_id, n),
    CHECK ((way = 'continue') = (film IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- a parent is finished before its child is bought, so that no line of them leads back to where it began
CREATE TRIGGER lineage_goes_forward BEFORE INSERT ON lineage
WHEN EXISTS (SELECT 1 FROM jobs WHERE quote_id = NEW.quote_id) OR NOT EXISTS (
    SELECT 1 FROM results
    JOIN jobs ON jobs.id = results.job_id
    JOIN quotes ON quotes.server_id = jobs.server_id
    WHERE results.job_id = NEW.parent_id AND results.n = NEW.parent_n AND results.failure IS NULL
      AND quotes.id = NEW.quote_id
)
BEGIN SELECT RAISE(ABORT, 'a quote goes on from a finished video of its server, and says so before it buys'); END;

CREATE TRIGGER lineage_is_immutable BEFORE UPDATE ON lineage
BEGIN SELECT RAISE(ABORT, 'what a quote goes on from is never changed'); END;

CREATE TRIGGER lineage_stays BEFORE DELETE ON lineage
BEGIN SELECT RAISE(ABORT, 'lineage is kept'); END;

CREATE TABLE deletions ( -- the posts, by nonce, whose message somebody had deleted; the post itself stays
    nonce TEXT PRIMARY KEY,
    asked_by INTEGER NOT NULL,
    asked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER deletions_are_of_posted_videos BEFORE INSERT ON deletions
WHEN NOT EXISTS (SELECT 1 FROM posts WHERE nonce = NEW.nonce AND kind = 'result' AND state = 'posted')
    AND NOT EXISTS (SELECT 1 FROM reposts WHERE nonce = NEW.nonce AND state = 'posted')
BEGIN SELECT RAISE(ABORT, 'what is deleted is a message with a finished video'); END;

CREATE TRIGGER deletions_are_immutable BEFORE UPDATE ON deletions
BEGIN SELECT RAISE(ABORT, 'a deletion is for good'); END;

CREATE TRIGGER deletions_stay BEFORE DELETE ON deletions
BEGIN SELECT RAISE(ABORT, 'a deletion is for good'); END;
