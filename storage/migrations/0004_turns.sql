-- The queue's turns: when something was last sent for a server, and for a member in it.

CREATE INDEX jobs_by_turn_of_server ON jobs (server_id, sent_at);
CREATE INDEX jobs_by_turn_of_member ON jobs (server_id, member_id, sent_at);
