-- What a repeated create has sent before its answer was known, the ids by which nodes know their meetings,
-- and a name for each callback that its receiver can tell repetitions by.

ALTER TABLE meeting ADD COLUMN next_nonce BLOB CHECK (next_nonce IS NULL OR length(next_nonce) = 32);
ALTER TABLE meeting ADD COLUMN next_ambiguous INTEGER NOT NULL DEFAULT 0 CHECK (next_ambiguous IN (0, 1));
-- NULL: the same as the client's.
ALTER TABLE meeting ADD COLUMN external_id TEXT;

ALTER TABLE callback ADD COLUMN delivery TEXT NOT NULL DEFAULT '';
UPDATE callback SET delivery = lower(hex(randomblob(16)));

-- What was found out about a node. Whether calls may name meetings by their internal ids.
CREATE TABLE node_fact (
    node_id INTEGER PRIMARY KEY REFERENCES node (id) ON DELETE CASCADE,
    internal_ids INTEGER NOT NULL CHECK (internal_ids IN (0, 1))
) STRICT;
