-- While a reference is open, SQLite looks for a result that comes among all references: in an index, not in the table.

CREATE INDEX lineage_of_parent ON lineage (parent_id, parent_n);
