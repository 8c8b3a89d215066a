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
    /// The algorithm that signs the token, if JSON is to be posted: [`Store::callback_body`].
    pub token: Option<String>,
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
    if drop_oldest(db, callback.secret, MOST_OF_A_SECRET)? > 0 {
        tracing::warn!(secret = callback.secret.0, "too many callbacks wait: the oldest is dropped");
    }
    Ok(())
}

/// Keeps the newest `most` callbacks of a secret, and returns how many others there were.
fn drop_oldest(db: &Connection, secret: SecretId, most: i64) -> Result<usize, StoreError> {
    let sql = "DELETE FROM callback WHERE secret_id = ?1 AND id <= (
                   SELECT id FROM callback WHERE secret_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
    Ok(db.prepare_cached(sql)?.execute(params![secret.0, most])?)
}

/// Stores where to send the analytics of an ended meeting, in the transaction that ends it.
pub(super) fn await_analytics(db: &Connection, it: &Analytics, now: i64) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO analytics (nonce, secret_id, node_id, url, ended_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    db.prepare_cached(sql)?.execute(params![it.nonce.as_bytes(), it.secret.0, it.node.0, it.url, now])?;
    db.prepare_cached("DELETE FROM analytics WHERE ended_at < ?1")?.execute([now - ANALYTICS_AWAITED])?;
    Ok(())
}

/// When a callback is due, at ?1: a new one at once. One that waits longer than any does was put off by a clock that was
/// ahead, of this machine or of a former primary.
const DUE: &str = "CASE WHEN tries = 0 OR next_try > ?1 + 3600000 THEN ?1 ELSE next_try END";

impl Store {
    /// Callbacks that are due at `now`, the longest overdue first, with at most `of_a_host` for one host of
    /// one secret.
    pub async fn due_callbacks(&self, now: i64, of_a_host: u32) -> Result<Vec<DueCallback>, StoreError> {
        self.read(move |db| {
            let sql = format!(
                "SELECT id, secret_id, url, host, delivery, token, tries FROM (
                     SELECT id, secret_id, url, host, delivery, token, tries, next_try,
                         row_number() OVER (PARTITION BY secret_id, host ORDER BY next_try, id) AS place
                     FROM callback WHERE {DUE} <= ?1)
                 WHERE place <= ?2 ORDER BY place, next_try, id LIMIT 512"
            );
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map(params![now, of_a_host], |row| {
                Ok(DueCallback {
                    row: row.get("id")?,
                    secret: SecretId(row.get("secret_id")?),
                    url: row.get("url")?,
                    host: row.get("host")?,
                    delivery: row.get("delivery")?,
                    token: row.get("token")?,
                    tries: row.get("tries")?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The JSON that a callback posts; empty if the callback is gone.
    pub async fn callback_body(&self, row: i64) -> Result<Vec<u8>, StoreError> {
        self.read(move |db| {
            let sql = "SELECT body FROM callback WHERE id = ?1 AND body IS NOT NULL";
            let body = db.prepare_cached(sql)?.query_row([row], |row| row.get(0)).optional()?;
            Ok(body.unwrap_or_default())
        })
        .await
    }

    /// When the next callback is due, seen from `now`; both in milliseconds since 1970.
    pub async fn next_callback(&self, now: i64) -> Result<Option<i64>, StoreError> {
        self.read(move |db| {
            let sql = format!("SELECT min({DUE}) FROM callback");
            Ok(db.prepare_cached(&sql)?.query_row([now], |row| row.get(0))?)
        })
        .await
    }

    /// Number of callbacks waiting.
    pub async fn waiting_callbacks(&self) -> Result<u64, StoreError> {
        let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0).map(i64::unsigned_abs);
        self.read(move |db| Ok(db.query_row("SELECT count(*) FROM callback", [], count)?)).await
    }

    /// When the oldest waiting callback was queued, in milliseconds since 1970.
    pub async fn oldest_callback(&self) -> Result<Option<i64>, StoreError> {
        self.read(move |db| Ok(db.query_row("SELECT min(created_at) FROM callback", [], |row| row.get(0))?))
            .await
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
        self.write(move |db| {
            db.prepare_cached(sql)?.execute([row, at])?;
            Ok(())
        })
        .await
    }

    /// Called at the start: reschedules attempts whose outcome was lost in a crash.
    pub async fn resume_callbacks(&self, now: i64) -> Result<(), StoreError> {
        self.write(move |db| {
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
        self.write(move |db| {
            db.prepare_cached("DELETE FROM analytics WHERE nonce = ?1")?.execute([it.nonce.as_bytes()])?;
            let callback = Callback { secret: it.secret, url: it.url };
            queue(db, &callback, Some((&json, token)), now)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::open::migrate;

    #[test]
    fn finding_13_only_the_newest_callbacks_of_a_secret_wait() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db).unwrap();
        // The newest are due first.
        for n in 0..5 {
            for secret in [SecretId(1), SecretId(2)] {
                let callback = Callback { secret, url: format!("http://lms.example/{n}") };
                queue_callback(&db, &callback, 100 - n).unwrap();
            }
        }
        assert_eq!(drop_oldest(&db, SecretId(1), 5).unwrap(), 0);
        assert_eq!(drop_oldest(&db, SecretId(1), 3).unwrap(), 2);
        let mut statement = db.prepare("SELECT url FROM callback WHERE secret_id = 1 ORDER BY id").unwrap();
        let left: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(left, ["http://lms.example/2", "http://lms.example/3", "http://lms.example/4"]);
        let others: i64 =
            db.query_row("SELECT count(*) FROM callback WHERE secret_id = 2", [], |row| row.get(0)).unwrap();
        assert_eq!(others, 5);
    }
}
