//! Bindings of running meetings, and the callbacks that are queued when they end.

use std::sync::Arc;

use rusqlite::{Connection, Row, Statement, ToSql, params};

use super::callbacks::{await_analytics, queue_callback};
use super::{Store, StoreError};
use crate::model::{
    Binding, BindingId, Change, Instance, MeetingKey, NextInstance, NodeId, Nonce, SecretId, Step,
};

impl Store {
    /// All bindings, oldest first.
    pub async fn bindings(&self) -> Result<Vec<Binding>, StoreError> {
        self.read(load).await
    }

    /// Applies a step durably; `now` is in milliseconds since 1970. Returns false and changes nothing if a
    /// binding that it replaces or removes has changed.
    pub async fn apply(&self, step: Step, now: i64) -> Result<bool, StoreError> {
        self.write(move |db| apply(db, &step, now)).await
    }
}

/// Applies a step within a transaction.
pub(super) fn apply(db: &Connection, step: &Step, now: i64) -> Result<bool, StoreError> {
    for change in &step.changes {
        if let Change::Replace(id, nonce, _) | Change::Remove(id, nonce) = change
            && !stands(db, *id, nonce)?
        {
            return Ok(false);
        }
    }
    for change in &step.changes {
        match change {
            Change::Insert(binding) => insert(db, binding)?,
            Change::Replace(_, _, binding) => update(db, binding)?,
            Change::Remove(id, _) => {
                db.prepare_cached("DELETE FROM meeting WHERE id = ?1")?.execute([id.0])?;
            }
        }
    }
    if let Some(callback) = &step.callback {
        queue_callback(db, callback, now)?;
    }
    for analytics in &step.analytics {
        await_analytics(db, analytics, now)?;
    }
    Ok(true)
}

fn stands(db: &Connection, id: BindingId, nonce: &Nonce) -> Result<bool, StoreError> {
    let mut statement = db.prepare_cached("SELECT 1 FROM meeting WHERE id = ?1 AND nonce = ?2")?;
    Ok(statement.exists(params![id.0, nonce.as_bytes()])?)
}

const INSERT: &str = "INSERT INTO meeting (id, phase, nonce, next_nonce, next_ambiguous, create_time, internal_id,
        external_id, attendee_pw, moderator_pw, answer, secret_id, meeting_id, node_id, name, ended_url, analytics_url,
        created_at, placed)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";

/// Only the columns that can change, so that the indexes on the others need no update.
const UPDATE: &str = "UPDATE meeting SET phase = ?2, nonce = ?3, next_nonce = ?4, next_ambiguous = ?5,
        create_time = ?6, internal_id = ?7, external_id = ?8, attendee_pw = ?9, moderator_pw = ?10, answer = ?11
     WHERE id = ?1";

fn insert(db: &Connection, it: &Binding) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(INSERT)?;
    bind_state(&mut statement, it)?;
    let placed = it.placed.as_deref().map(serde_json::to_string).transpose();
    let placed = placed.map_err(|error| StoreError::Other(error.to_string()))?;
    let fixed: [&dyn ToSql; 8] = [
        &it.key.secret.0,
        &it.key.id,
        &it.node.0,
        &it.name,
        &it.ended_url,
        &it.analytics_url,
        &it.created_at,
        &placed,
    ];
    for (place, value) in (12..).zip(fixed) {
        statement.raw_bind_parameter(place, value)?;
    }
    statement.raw_execute()?;
    Ok(())
}

fn update(db: &Connection, it: &Binding) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(UPDATE)?;
    bind_state(&mut statement, it)?;
    statement.raw_execute()?;
    Ok(())
}

/// Binds the first eleven parameters: the row id, and everything that can change.
fn bind_state(statement: &mut Statement<'_>, it: &Binding) -> Result<(), StoreError> {
    let instance = it.instance.as_deref();
    let external_id = instance.map(|it| &it.external_id).filter(|id| **id != it.key.id);
    let state: [&dyn ToSql; 11] = [
        &it.id.0,
        &it.phase.as_str(),
        &it.nonce.as_bytes(),
        &it.next.as_ref().map(|next| next.nonce.as_bytes()),
        &it.next.is_some_and(|next| next.is_ambiguous),
        &instance.map(|it| it.create_time),
        &instance.map(|it| &it.internal_id),
        &external_id,
        &instance.map(|it| &it.attendee_pw),
        &instance.map(|it| &it.moderator_pw),
        &instance.map(|it| &it.answer),
    ];
    for (place, value) in (1..).zip(state) {
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(())
}

const SELECT: &str = "SELECT id, secret_id, meeting_id, node_id, phase, nonce, next_nonce, next_ambiguous, name,
        ended_url, analytics_url, created_at, create_time, internal_id, external_id, attendee_pw, moderator_pw, answer, placed
     FROM meeting";

/// The binding with this row id.
pub(super) fn find(db: &Connection, id: BindingId) -> Result<Option<Binding>, StoreError> {
    let mut statement = db.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(read).transpose()
}

pub(super) fn load(db: &Connection) -> Result<Vec<Binding>, StoreError> {
    let mut statement = db.prepare(&format!("{SELECT} ORDER BY id"))?;
    let mut rows = statement.query([])?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        list.push(read(row)?);
    }
    Ok(list)
}

fn read(row: &Row<'_>) -> Result<Binding, StoreError> {
    let nonce = |column| -> Result<Option<Nonce>, StoreError> {
        let Some(bytes) = row.get::<_, Option<Vec<u8>>>(column)? else { return Ok(None) };
        Nonce::from_bytes(&bytes)
            .map(Some)
            .ok_or_else(|| StoreError::Other("a nonce of a wrong length".to_owned()))
    };
    let word: String = row.get("phase")?;
    let phase = word.parse().map_err(|_| StoreError::Other(format!("unknown phase {word}")))?;
    let id: Arc<str> = row.get::<_, String>("meeting_id")?.into();
    let text = |column| -> Result<String, StoreError> {
        Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
    };
    let instance = match row.get::<_, Option<i64>>("create_time")? {
        Some(create_time) => Some(Arc::new(Instance {
            create_time,
            internal_id: text("internal_id")?.into(),
            external_id: row.get::<_, Option<String>>("external_id")?.map_or_else(|| id.clone(), Into::into),
            attendee_pw: text("attendee_pw")?,
            moderator_pw: text("moderator_pw")?,
            answer: row.get::<_, Option<Vec<u8>>>("answer")?.unwrap_or_default(),
        })),
        None => None,
    };
    // Only for people: one of another version is left out.
    let placed: Option<String> = row.get("placed")?;
    let placed = placed.and_then(|it| serde_json::from_str(&it).ok()).map(Arc::new);
    let is_ambiguous = row.get("next_ambiguous")?;
    Ok(Binding {
        id: BindingId(row.get("id")?),
        key: MeetingKey { secret: SecretId(row.get("secret_id")?), id },
        node: NodeId(row.get("node_id")?),
        phase,
        nonce: nonce("nonce")?.ok_or_else(|| StoreError::Other("a binding without a nonce".to_owned()))?,
        // A stored nonce may have been sent, and the answer is lost.
        next: nonce("next_nonce")?.map(|nonce| NextInstance { nonce, is_open: true, is_ambiguous }),
        name: row.get("name")?,
        ended_url: row.get("ended_url")?,
        analytics_url: row.get("analytics_url")?,
        created_at: row.get("created_at")?,
        instance,
        placed,
    })
}
