-- What replicas take over: each change of a binding gets the next number, while there are replicas. The newest rows
-- are kept, so that the numbers only grow.
CREATE TABLE meeting_change (
    number INTEGER PRIMARY KEY,
    meeting_id INTEGER NOT NULL
) STRICT;

-- Written by the primary every two seconds: its epoch, how often, and when (milliseconds since 1970).
CREATE TABLE heartbeat (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    beat INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
INSERT INTO heartbeat VALUES (1, 0, 0, 0);
