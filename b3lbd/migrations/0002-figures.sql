-- Counters that survive a restart, and what past meetings teach about the size of the next one.

CREATE TABLE counter (
    secret_id INTEGER PRIMARY KEY REFERENCES secret (id) ON DELETE CASCADE,
    joins INTEGER NOT NULL,
    creates INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    attendee_limit_hits INTEGER NOT NULL,
    meeting_limit_hits INTEGER NOT NULL
) STRICT;

-- Running means of the peak attendee count: of a meeting id, of a tenant (meeting_id is empty), and of
-- all (tenant_id is 0 too).
CREATE TABLE past (
    tenant_id INTEGER NOT NULL,
    meeting_id TEXT NOT NULL,
    mean REAL NOT NULL,
    occasions INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, meeting_id)
) STRICT, WITHOUT ROWID;
