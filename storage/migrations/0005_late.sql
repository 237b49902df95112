-- Results that come when staff have ended their job, and indexes by which what is in force is looked up.

ALTER TABLE jobs ADD COLUMN resolved_at INTEGER -- when staff ended it, if they had to
    CHECK (resolved_at IS NULL OR state IN ('done', 'failed'));

UPDATE jobs SET resolved_at = (
    SELECT max(changed_at) FROM changes WHERE kind = 'resolve' AND server_id = jobs.server_id AND subject = jobs.id
) WHERE state IN ('done', 'failed');

CREATE INDEX jobs_resolved ON jobs (resolved_at) WHERE resolved_at IS NOT NULL;

CREATE TRIGGER jobs_that_staff_end_say_when BEFORE UPDATE OF state ON jobs
WHEN OLD.state = 'unresolved' AND NEW.state IN ('done', 'failed') AND NEW.resolved_at IS NULL
BEGIN SELECT RAISE(ABORT, 'what staff end says when'); END;

CREATE TRIGGER jobs_are_resolved_once BEFORE UPDATE OF resolved_at ON jobs
WHEN OLD.state <> 'unresolved' AND NEW.resolved_at IS NOT OLD.resolved_at
BEGIN SELECT RAISE(ABORT, 'only what is unresolved is ended by staff, and once'); END;

DROP TRIGGER results_come_to_running_jobs;

CREATE TRIGGER results_come_to_jobs_that_await_them BEFORE INSERT ON results
WHEN (SELECT state = 'running' OR resolved_at IS NOT NULL FROM jobs WHERE id = NEW.job_id) = 0
BEGIN SELECT RAISE(ABORT, 'a job that neither runs nor was ended by staff has no new results'); END;

ALTER TABLE ledger ADD COLUMN result INTEGER -- with which result an overrun came late; NULL: with the outcome
    CHECK (result IS NULL OR kind = 'overrun');

DROP INDEX one_overrun;

-- what exceeds a hold is one entry, and what comes late one more for each result
CREATE UNIQUE INDEX one_overrun_at_the_end ON ledger (job_id) WHERE kind = 'overrun' AND result IS NULL;
CREATE UNIQUE INDEX one_overrun_of_a_late_result ON ledger (job_id, result) WHERE result IS NOT NULL;

CREATE TRIGGER overruns_after_the_end_are_late_results BEFORE INSERT ON ledger
WHEN NEW.kind = 'overrun' AND NOT EXISTS (
    SELECT 1 FROM jobs WHERE id = NEW.job_id AND CASE WHEN NEW.result IS NULL
        THEN state NOT IN ('done', 'failed', 'cancelled')
        ELSE resolved_at IS NOT NULL AND EXISTS (
            SELECT 1 FROM results WHERE job_id = NEW.job_id AND n = NEW.result) END
)
BEGIN SELECT RAISE(ABORT, 'after the end an overrun is of a result that came late'); END;

-- from one configuration to the next, and to its latest price, without a look at those before
DROP INDEX observed_prices_of_list;
CREATE INDEX observed_prices_of_list ON observed_prices (price_list, configuration, observed_at, id, amount);
