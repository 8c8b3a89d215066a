-- Whose a callback is and where it goes, so that one receiver holds up no other; whether a try is under way, as after a
-- crash it is made again at once; and what is posted, for callbacks that are more than a URL.
ALTER TABLE callback ADD COLUMN secret_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE callback ADD COLUMN host TEXT NOT NULL DEFAULT '';
CREATE INDEX callback_by_secret ON callback (secret_id);
CREATE INDEX callback_by_next_try ON callback (next_try);
ALTER TABLE callback ADD COLUMN begun INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1));
ALTER TABLE callback ADD COLUMN body BLOB;
ALTER TABLE callback ADD COLUMN token TEXT;

-- Where a client wants to have what people did in a meeting, which its node tells after the end.
ALTER TABLE meeting ADD COLUMN analytics_url TEXT;
CREATE TABLE analytics (
    nonce BLOB PRIMARY KEY CHECK (length(nonce) = 32),
    secret_id INTEGER NOT NULL,
    node_id INTEGER NOT NULL,
    url TEXT NOT NULL,
    ended_at INTEGER NOT NULL
) STRICT;
CREATE INDEX analytics_by_end ON analytics (ended_at);
