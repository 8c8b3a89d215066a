//! Who changed what, when, from where: written in the transaction of the change, pruned by age.

use rusqlite::{Connection, params};
use serde_json::Value;

use super::edit::Edit;
use super::{ChangeError, Store, StoreError, catalog, edits};
use crate::model::{Catalog, Subject, difference};

/// What the audit log has to say of a change, but for its outcome.
#[derive(Clone, Debug)]
pub struct AuditNote {
    /// Milliseconds since 1970.
    pub at: i64,
    /// The user.
    pub who: String,
    /// From where.
    pub origin: String,
    /// What is done.
    pub action: &'static str,
    /// To what.
    pub subject: Subject,
    /// What was before and what is after, where the subject's own description does not tell it.
    pub values: Option<(Value, Value)>,
}

/// A line of the audit log.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Number in the log.
    pub id: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The user.
    pub who: String,
    /// From where.
    pub origin: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// What was.
    pub before: Value,
    /// What is.
    pub after: Value,
}

/// What a change came to.
#[derive(Debug)]
pub struct Changed {
    /// The configuration after it.
    pub catalog: Catalog,
    /// What was, and what is; none if all was so already, and then nothing was written.
    pub difference: Option<(Value, Value)>,
}

impl Store {
    /// Makes all these changes or none, with a line in the audit log. `before` is the configuration that
    /// they start from.
    pub async fn change(
        &self,
        note: AuditNote,
        before: std::sync::Arc<Catalog>,
        edits: Vec<Edit>,
    ) -> Result<Changed, ChangeError> {
        self.writer
            .run(move |db| {
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
                // Keys are values by no description; that they changed is.
                let only_keys = was == is && note.values.is_none();
                let is = if only_keys { serde_json::json!({ "keys": "changed" }) } else { is };
                edits::next_revision(db)?;
                after.revision += 1;
                write(db, &note, &was, &is)?;
                Ok(Changed { catalog: after, difference: Some((was, is)) })
            })
            .await
    }

    /// Notes an action that changes nothing of the configuration.
    pub async fn audit(&self, note: AuditNote) -> Result<(), StoreError> {
        self.writer
            .run(move |db| {
                let (before, after) = note.values.clone().unwrap_or_default();
                write(db, &note, &before, &after)
            })
            .await
    }

    /// Lines of the audit log, newest first: those before the line `below`, not older than `since`
    /// (milliseconds), with `subject` in their subject.
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

    /// Forgets lines older than `oldest` (milliseconds since 1970), of one day at most: the oldest that there is.
    pub async fn prune_audit(&self, oldest: i64) -> Result<(), StoreError> {
        const DAY: i64 = 24 * 3600 * 1000;
        self.writer
            .run(move |db| {
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
