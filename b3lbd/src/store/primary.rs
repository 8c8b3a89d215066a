//! What a primary writes for its replicas: which bindings have changed, and heartbeats.

use rusqlite::{Connection, params};

use super::{Store, StoreError};

/// Changes of bindings that are kept. A replica that has missed more of them reads all bindings.
const CHANGES_KEPT: i64 = 100_000;

/// The triggers exist as long as the connection that writes: a daemon without a store is spared them. They leave a gap in
/// the numbers, so that replicas do not miss what was changed without them.
const RECORD_CHANGES: &str = "
    INSERT INTO meeting_change (number, meeting_id)
        SELECT coalesce(max(number), 0) + 2, 0 FROM meeting_change;
    DELETE FROM meeting_change WHERE number < (SELECT max(number) FROM meeting_change);
    CREATE TEMP TRIGGER meeting_inserted AFTER INSERT ON main.meeting
    BEGIN
        INSERT INTO meeting_change (meeting_id) VALUES (new.id);
    END;
    CREATE TEMP TRIGGER meeting_updated AFTER UPDATE ON main.meeting
    BEGIN
        INSERT INTO meeting_change (meeting_id) VALUES (new.id);
    END;
    CREATE TEMP TRIGGER meeting_deleted AFTER DELETE ON main.meeting
    BEGIN
        INSERT INTO meeting_change (meeting_id) VALUES (old.id);
    END;";

impl Store {
    /// From now on numbers the changes of bindings. To be called once for an open database.
    pub async fn record_changes(&self) -> Result<(), StoreError> {
        self.write(record_changes).await
    }

    /// Writes a heartbeat; `at` is in milliseconds since 1970. Also forgets old changes.
    pub async fn beat(&self, epoch: u64, at: i64) -> Result<(), StoreError> {
        self.write(move |db| {
            let sql = "UPDATE heartbeat SET beat = beat + 1, epoch = ?1, at = ?2";
            db.prepare_cached(sql)?.execute(params![epoch.cast_signed(), at])?;
            let sql =
                "DELETE FROM meeting_change WHERE number <= (SELECT max(number) FROM meeting_change) - ?1";
            db.prepare_cached(sql)?.execute([CHANGES_KEPT])?;
            Ok(())
        })
        .await
    }
}

pub(super) fn record_changes(db: &Connection) -> Result<(), StoreError> {
    Ok(db.execute_batch(RECORD_CHANGES)?)
}
