//! The heartbeat of a primary, by which replicas see how old their copies are.

use rusqlite::params;

use super::{Store, StoreError};

/// Changes of bindings that are kept. A replica that has missed more of them reads all bindings.
const CHANGES_KEPT: i64 = 100_000;

impl Store {
    /// Writes a heartbeat; `at` is in milliseconds since 1970. Also forgets old changes.
    pub async fn beat(&self, epoch: u64, at: i64) -> Result<(), StoreError> {
        self.write(move |db| {
            let sql = "UPDATE heartbeat SET beat = beat + 1, epoch = ?1, at = ?2";
            db.prepare_cached(sql)?.execute(params![epoch.cast_signed(), at])?;
            forget_changes(db)
        })
        .await
    }

    /// Forgets old changes of bindings, which only replicas need.
    pub async fn forget_changes(&self) -> Result<(), StoreError> {
        self.write(forget_changes).await
    }
}

fn forget_changes(db: &rusqlite::Connection) -> Result<(), StoreError> {
    let sql = "DELETE FROM meeting_change WHERE number <= (SELECT max(number) FROM meeting_change) - ?1";
    db.prepare_cached(sql)?.execute([CHANGES_KEPT])?;
    Ok(())
}
