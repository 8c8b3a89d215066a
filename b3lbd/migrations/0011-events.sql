-- Events, as operators see them. Times are milliseconds since 1970. Written once a second, pruned by age and number.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    who TEXT,
    count INTEGER NOT NULL
) STRICT;
