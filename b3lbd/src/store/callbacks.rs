//! Callbacks to clients that wait to be delivered.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError};

/// A callback whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCallback {
    /// Row.
    pub row: i64,
    /// The client's URL.
    pub url: String,
    /// The same at each try, so that a receiver can tell a repetition.
    pub delivery: String,
    /// Tries so far.
    pub tries: u32,
}

/// Queues a callback; part of the transaction that ends its meeting.
pub(super) fn queue_callback(db: &Connection, url: &str, now: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO callback (url, delivery, next_try, created_at)
               VALUES (?1, lower(hex(randomblob(16))), ?2, ?2)";
    db.prepare_cached(sql)?.execute(params![url, now])?;
    Ok(())
}

impl Store {
    /// Up to `most` callbacks that are due, the longest due first.
    pub async fn due_callbacks(&self, now: i64, most: u32) -> Result<Vec<DueCallback>, StoreError> {
        self.read(move |db| {
            let sql = "SELECT id, url, delivery, tries FROM callback WHERE next_try <= ?1
                       ORDER BY next_try, id LIMIT ?2";
            let mut statement = db.prepare_cached(sql)?;
            let rows = statement.query_map(params![now, most], |row| {
                Ok(DueCallback {
                    row: row.get(0)?,
                    url: row.get(1)?,
                    delivery: row.get(2)?,
                    tries: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// When the next callback is due, in milliseconds since 1970.
    pub async fn next_callback(&self) -> Result<Option<i64>, StoreError> {
        self.read(|db| {
            let sql = "SELECT next_try FROM callback ORDER BY next_try LIMIT 1";
            Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?)
        })
        .await
    }

    /// How many callbacks wait.
    pub async fn waiting_callbacks(&self) -> Result<u64, StoreError> {
        let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0).map(i64::unsigned_abs);
        self.read(move |db| Ok(db.query_row("SELECT count(*) FROM callback", [], count)?)).await
    }

    /// A try begins: noted before the call, so that a crash costs no more than one.
    pub async fn begin_callback(&self, row: i64, next_try: i64) -> Result<(), StoreError> {
        self.writer
            .run(move |db| {
                db.prepare_cached("UPDATE callback SET tries = tries + 1, next_try = ?2 WHERE id = ?1")?
                    .execute(params![row, next_try])?;
                Ok(())
            })
            .await
    }

    /// A callback is delivered, or given up.
    pub async fn finish_callback(&self, row: i64) -> Result<(), StoreError> {
        self.writer
            .run(move |db| {
                db.prepare_cached("DELETE FROM callback WHERE id = ?1")?.execute([row])?;
                Ok(())
            })
            .await
    }
}
