-- Why a meeting is on its node, as JSON (model::Placed); null if it was found running or imported.
ALTER TABLE meeting ADD COLUMN placed TEXT;
