-- A result that comes is looked up as a parent, whose rows SQLite would else look for in the whole table.

CREATE INDEX lineage_of_parent ON lineage (parent_id, parent_n);
