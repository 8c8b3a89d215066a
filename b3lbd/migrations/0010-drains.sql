-- Nodes that an operator empties, besides their maintenance. Times are milliseconds since 1970.
CREATE TABLE drain (
    node_id INTEGER PRIMARY KEY REFERENCES node (id) ON DELETE CASCADE,
    who TEXT NOT NULL,
    since INTEGER NOT NULL,
    reason TEXT NOT NULL,
    evacuate_at INTEGER
) STRICT;
