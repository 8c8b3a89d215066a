//! The audit log: who changed what, when, and from where. Written in the transaction of the change, pruned by
//! age.

use rusqlite::{Connection, params};
use serde_json::Value;

use super::edit::Edit;
use super::{ChangeError, Store, StoreError, catalog, edits};
use crate::model::{Catalog, Subject, difference};

/// An audit log entry without the outcome of the change.
#[derive(Clone, Debug)]
pub struct AuditNote {
    /// Milliseconds since 1970.
    pub at: i64,
    /// The user.
    pub who: String,
    /// Program and host that the user connected from.
    pub origin: String,
    /// The action, such as `tenant set`.
    pub action: &'static str,
    /// The object concerned.
    pub subject: Subject,
    /// Old and new values, if they differ from the subject's own description.
    pub values: Option<(Value, Value)>,
}

/// An entry of the audit log.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Number in the log.
    pub id: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The user.
    pub who: String,
    /// Program and host that the user connected from.
    pub origin: String,
    /// The action, such as `tenant set`.
    pub action: String,
    /// The object concerned.
    pub subject: String,
    /// The old values.
    pub before: Value,
    /// The new values.
    pub after: Value,
}

/// The result of a change.
#[derive(Debug)]
pub struct Changed {
    /// The configuration after it.
    pub catalog: Catalog,
    /// Old and new values; `None` if nothing was to be changed, and nothing was written.
    pub difference: Option<(Value, Value)>,
}

impl Store {
    /// Applies all edits or none, with an entry in the audit log. `before` is the configuration that they are
    /// based on.
    pub async fn change(
        &self,
        note: AuditNote,
        before: std::sync::Arc<Catalog>,
        edits: Vec<Edit>,
    ) -> Result<Changed, ChangeError> {
        self.write(move |db| {
            for edit in &edits {
                edits::make(db, edit)?;
            }
            let mut after = catalog::load(db)?;
            if after == *before {
                return Ok(Changed { catalog: after, difference: None });
            }
            let (was, is) = note.values.clone().unwrap_or_else(|| {
                difference(&note.subject.describe(&before), &note.subject.describe(&after))
            });
            // Descriptions do not contain keys, so only record that they changed.
            let only_keys = was == is && note.values.is_none();
            let is = if only_keys { serde_json::json!({ "keys": "changed" }) } else { is };
            edits::next_revision(db)?;
            after.revision += 1;
            write(db, &note, &was, &is)?;
            Ok(Changed { catalog: after, difference: Some((was, is)) })
        })
        .await
    }

    /// Records an action that does not change the configuration.
    pub async fn audit(&self, note: AuditNote) -> Result<(), StoreError> {
        self.write(move |db| {
            let (before, after) = note.values.clone().unwrap_or_default();
            write(db, &note, &before, &after)
        })
        .await
    }

    /// Entries of the audit log, newest first: with a number below `below`, not older than `since`
    /// (milliseconds), and with `subject` in their subject.
    pub async fn audit_log(
        &self,
        below: Option<i64>,
        since: i64,
        subject: String,
        most: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.read(move |db| {
            let sql = "SELECT id, at, who, origin, action, subject, before, after FROM audit
                       WHERE id < ?1 AND at >= ?2 AND instr(lower(subject), lower(?3)) > 0
                       ORDER BY id DESC LIMIT ?4";
            let mut statement = db.prepare_cached(sql)?;
            let rows =
                statement.query_map(params![below.unwrap_or(i64::MAX), since, subject, most], |row| {
                    let json = |column| {
                        let text: String = row.get(column)?;
                        Ok::<_, rusqlite::Error>(serde_json::from_str(&text).unwrap_or(Value::String(text)))
                    };
                    Ok(AuditRow {
                        id: row.get(0)?,
                        at: row.get(1)?,
                        who: row.get(2)?,
                        origin: row.get(3)?,
                        action: row.get(4)?,
                        subject: row.get(5)?,
                        before: json(6)?,
                        after: json(7)?,
                    })
                })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Deletes entries older than `oldest` (milliseconds since 1970), but at most the oldest day in the log.
    pub async fn prune_audit(&self, oldest: i64) -> Result<(), StoreError> {
        const DAY: i64 = 24 * 3600 * 1000;
        self.write(move |db| {
            let sql = "DELETE FROM audit WHERE at < min(?1, (SELECT min(at) FROM audit) + ?2)";
            db.execute(sql, [oldest, DAY])?;
            Ok(())
        })
        .await
    }
}

fn write(db: &Connection, note: &AuditNote, before: &Value, after: &Value) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit (at, who, origin, action, subject, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let subject = note.subject.to_string();
    db.prepare_cached(sql)?.execute(params![
        note.at,
        note.who,
        note.origin,
        note.action,
        subject,
        before.to_string(),
        after.to_string()
    ])?;
    Ok(())
}
