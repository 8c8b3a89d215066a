-- The CPU use in percent up to which the nodes of a cluster are meant to be used: it tells their capacity.
ALTER TABLE cluster ADD COLUMN target_cpu INTEGER NOT NULL DEFAULT 80;
