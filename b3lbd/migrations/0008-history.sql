-- The pool over time. A row has the packed numbers of all clusters or tenants, so that a minute of 1,000 tenants is one
-- row of a few kilobytes. Minutes and quarters of an hour are numbered since 1970.
CREATE TABLE history_minute (
    minute INTEGER PRIMARY KEY,
    pool BLOB NOT NULL,
    tenants BLOB NOT NULL
) STRICT;

CREATE TABLE history_quarter (
    quarter INTEGER PRIMARY KEY,
    pool BLOB NOT NULL
) STRICT;

-- Kept for a shorter time than those of the pool.
CREATE TABLE history_tenant_quarter (
    quarter INTEGER PRIMARY KEY,
    tenants BLOB NOT NULL
) STRICT;

-- Days since 1970, in the time zone of the daemon.
CREATE TABLE history_day (
    day INTEGER PRIMARY KEY,
    tenants BLOB NOT NULL
) STRICT;

-- The numbers that packed rows use. They outlive the objects, and are not used for others.
CREATE TABLE history_name (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('cluster', 'tenant')),
    name TEXT NOT NULL,
    UNIQUE (kind, name)
) STRICT;

-- The minute that was recorded last, whatever the clock said before.
CREATE TABLE history_last (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    minute INTEGER NOT NULL
) STRICT;
