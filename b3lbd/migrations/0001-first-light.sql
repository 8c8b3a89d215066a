-- Configuration, bindings of running meetings, and callbacks that wait. Times are milliseconds since 1970.

CREATE TABLE cluster (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    attendee_factor REAL NOT NULL,
    meeting_factor REAL NOT NULL,
    cpu_order INTEGER NOT NULL,
    cpu_max INTEGER NOT NULL,
    checksum TEXT NOT NULL CHECK (checksum IN ('sha1', 'sha256', 'sha384', 'sha512'))
) STRICT;

CREATE TABLE cluster_group (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL
) STRICT;

CREATE TABLE cluster_group_member (
    group_id INTEGER NOT NULL REFERENCES cluster_group (id) ON DELETE CASCADE,
    cluster_id INTEGER NOT NULL REFERENCES cluster (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, cluster_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE node (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL,
    domain TEXT NOT NULL,
    secret TEXT NOT NULL,
    cluster_id INTEGER NOT NULL REFERENCES cluster (id),
    maintenance INTEGER NOT NULL CHECK (maintenance IN (0, 1)),
    UNIQUE (slug, domain)
) STRICT;

CREATE TABLE tenant (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    group_id INTEGER NOT NULL REFERENCES cluster_group (id),
    stats_token TEXT NOT NULL,
    attendee_limit INTEGER NOT NULL,
    meeting_limit INTEGER NOT NULL
) STRICT;

CREATE TABLE secret (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    sub_id INTEGER NOT NULL CHECK (sub_id BETWEEN 0 AND 999),
    key TEXT NOT NULL,
    second_key TEXT,
    attendee_limit INTEGER NOT NULL,
    meeting_limit INTEGER NOT NULL,
    UNIQUE (tenant_id, sub_id)
) STRICT;

CREATE TABLE parameter (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    call TEXT NOT NULL CHECK (call IN ('create', 'join')),
    name TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('set', 'override', 'block')),
    value TEXT CHECK ((value IS NULL) = (mode = 'block')),
    PRIMARY KEY (tenant_id, call, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE asset (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('slide', 'logo', 'css')),
    file_name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    digest TEXT NOT NULL,
    content BLOB NOT NULL,
    UNIQUE (tenant_id, kind)
) STRICT;

-- A binding: which node has a secret's meeting. 'creating' until the node's answer is known; 'abandoned'
-- is an attempt of unknown outcome, or a life left behind on a node that was down.
CREATE TABLE meeting (
    id INTEGER PRIMARY KEY,
    secret_id INTEGER NOT NULL REFERENCES secret (id),
    meeting_id TEXT NOT NULL,
    node_id INTEGER NOT NULL REFERENCES node (id),
    phase TEXT NOT NULL CHECK (phase IN ('creating', 'live', 'abandoned')),
    nonce BLOB NOT NULL UNIQUE CHECK (length(nonce) = 32),
    name TEXT NOT NULL,
    create_time INTEGER,
    internal_id TEXT,
    attendee_pw TEXT,
    moderator_pw TEXT,
    answer BLOB,
    ended_url TEXT,
    created_at INTEGER NOT NULL,
    CHECK (phase <> 'live' OR create_time IS NOT NULL)
) STRICT;

-- Exactly one owner of a secret's meeting id; several attempts may be abandoned.
CREATE UNIQUE INDEX meeting_owner ON meeting (secret_id, meeting_id) WHERE phase <> 'abandoned';

-- A client's meetingEndedURL that waits to be called.
CREATE TABLE callback (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Written to find out whether writes work again.
CREATE TABLE probe (at INTEGER NOT NULL) STRICT;
INSERT INTO probe VALUES (0);
