//! Callbacks waiting to be delivered to clients.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError};
use crate::model::{Analytics, Callback, NodeId, Nonce, SecretId};

/// Maximum number of callbacks waiting for one secret; the oldest are dropped.
const MOST_OF_A_SECRET: i64 = 10_000;
/// Milliseconds for which a node may post the learning analytics of a meeting.
const ANALYTICS_AWAITED: i64 = 7 * 24 * 3600 * 1000;

/// A callback that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCallback {
    /// Row id.
    pub row: i64,
    /// The secret that it belongs to.
    pub secret: SecretId,
    /// The client's URL.
    pub url: String,
    /// Host and port of the URL.
    pub host: String,
    /// Stays the same for all attempts, so that the receiver can detect duplicates.
    pub delivery: String,
    /// JSON to be posted, and the algorithm that signs its token.
    pub json: Option<(Vec<u8>, String)>,
    /// Number of attempts so far.
    pub tries: u32,
}

/// Queues a callback, in the transaction that ends its meeting.
pub(super) fn queue_callback(db: &Connection, callback: &Callback, now: i64) -> Result<(), StoreError> {
    queue(db, callback, None, now)
}

fn queue(
    db: &Connection,
    callback: &Callback,
    json: Option<(&[u8], &str)>,
    now: i64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO callback (secret_id, url, host, body, token, delivery, next_try, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, lower(hex(randomblob(16))), ?6, ?6)";
    let (body, token) = json.unzip();
    db.prepare_cached(sql)?.execute(params![
        callback.secret.0,
        callback.url,
        callback.host(),
        body,
        token,
        now
    ])?;
    let sql = "DELETE FROM callback WHERE id IN (
                   SELECT id FROM callback WHERE secret_id = ?1 ORDER BY next_try DESC LIMIT -1 OFFSET ?2)";
    let dropped = db.prepare_cached(sql)?.execute(params![callback.secret.0, MOST_OF_A_SECRET])?;
    if dropped > 0 {
        tracing::warn!(
            secret = callback.secret.0,
            dropped,
            "too many callbacks wait: the oldest are dropped"
        );
    }
    Ok(())
}

/// Stores where to send the analytics of an ended meeting, in the transaction that ends it.
pub(super) fn await_analytics(db: &Connection, it: &Analytics, now: i64) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO analytics (nonce, secret_id, node_id, url, ended_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    db.prepare_cached(sql)?.execute(params![it.nonce.as_bytes(), it.secret.0, it.node.0, it.url, now])?;
    db.prepare_cached("DELETE FROM analytics WHERE ended_at < ?1")?.execute([now - ANALYTICS_AWAITED])?;
    Ok(())
}

impl Store {
    /// Callbacks that are due at `now`, the longest overdue first, with at most `of_a_host` for one host of
    /// one secret.
    pub async fn due_callbacks(&self, now: i64, of_a_host: u32) -> Result<Vec<DueCallback>, StoreError> {
        self.read(move |db| {
            let sql = "SELECT id, secret_id, url, host, delivery, body, token, tries FROM (
                           SELECT *, row_number() OVER (PARTITION BY secret_id, host ORDER BY next_try, id) AS place
                           FROM callback WHERE next_try <= ?1)
                       WHERE place <= ?2 ORDER BY place, next_try, id LIMIT 512";
            let mut statement = db.prepare_cached(sql)?;
            let rows = statement.query_map(params![now, of_a_host], |row| {
                let body: Option<Vec<u8>> = row.get("body")?;
                let token: Option<String> = row.get("token")?;
                Ok(DueCallback {
                    row: row.get("id")?,
                    secret: SecretId(row.get("secret_id")?),
                    url: row.get("url")?,
                    host: row.get("host")?,
                    delivery: row.get("delivery")?,
                    json: body.zip(token),
                    tries: row.get("tries")?,
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

    /// Number of callbacks waiting.
    pub async fn waiting_callbacks(&self) -> Result<u64, StoreError> {
        let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0).map(i64::unsigned_abs);
        self.read(move |db| Ok(db.query_row("SELECT count(*) FROM callback", [], count)?)).await
    }

    /// Records an attempt before the call, so that a crash costs at most one.
    pub async fn begin_callback(&self, row: i64, next_try: i64) -> Result<(), StoreError> {
        self.on_callback(
            "UPDATE callback SET tries = tries + 1, begun = 1, next_try = ?2 WHERE id = ?1",
            row,
            next_try,
        )
        .await
    }

    /// Records a failed attempt; the next one is at `next_try`.
    pub async fn put_off_callback(&self, row: i64, next_try: i64) -> Result<(), StoreError> {
        self.on_callback("UPDATE callback SET begun = 0, next_try = ?2 WHERE id = ?1", row, next_try).await
    }

    /// Removes a callback that was delivered or given up.
    pub async fn finish_callback(&self, row: i64) -> Result<(), StoreError> {
        self.on_callback("DELETE FROM callback WHERE id = ?1 AND ?2 IS NOT NULL", row, 0).await
    }

    async fn on_callback(&self, sql: &'static str, row: i64, at: i64) -> Result<(), StoreError> {
        self.writer
            .run(move |db| {
                db.prepare_cached(sql)?.execute([row, at])?;
                Ok(())
            })
            .await
    }

    /// Called at the start: reschedules attempts whose outcome was lost in a crash.
    pub async fn resume_callbacks(&self, now: i64) -> Result<(), StoreError> {
        self.writer
            .run(move |db| {
                db.execute("UPDATE callback SET begun = 0, next_try = ?1 WHERE begun = 1", [now])?;
                Ok(())
            })
            .await
    }

    /// Where to send the analytics of an ended meeting.
    pub async fn analytics(&self, nonce: Nonce) -> Result<Option<Analytics>, StoreError> {
        self.read(move |db| {
            let sql = "SELECT secret_id, node_id, url FROM analytics WHERE nonce = ?1";
            let read = |row: &rusqlite::Row<'_>| {
                let (secret, node) = (SecretId(row.get(0)?), NodeId(row.get(1)?));
                Ok(Analytics { nonce, secret, node, url: row.get(2)? })
            };
            Ok(db.prepare_cached(sql)?.query_row([nonce.as_bytes()], read).optional()?)
        })
        .await
    }

    /// Queues the analytics of a meeting. A node can send them only once. `token` is the algorithm of its
    /// token.
    pub async fn queue_analytics(
        &self,
        it: Analytics,
        json: Vec<u8>,
        token: &'static str,
        now: i64,
    ) -> Result<(), StoreError> {
        self.writer
            .run(move |db| {
                db.prepare_cached("DELETE FROM analytics WHERE nonce = ?1")?
                    .execute([it.nonce.as_bytes()])?;
                let callback = Callback { secret: it.secret, url: it.url };
                queue(db, &callback, Some((&json, token)), now)
            })
            .await
    }
}
