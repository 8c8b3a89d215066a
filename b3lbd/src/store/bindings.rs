//! Bindings of running meetings, and the callbacks that their ends leave behind.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::callbacks::queue_callback;
use super::{Store, StoreError};
use crate::model::{NodeId, Nonce, SecretId};

/// How far a binding has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The node's answer is not known yet.
    Creating,
    /// The node has said that the meeting is there.
    Live,
    /// Left behind; to be ended if it shows up.
    Abandoned,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Live => "live",
            Self::Abandoned => "abandoned",
        }
    }

    fn from_word(word: &str) -> Self {
        match word {
            "live" => Self::Live,
            "creating" => Self::Creating,
            _ => Self::Abandoned,
        }
    }
}

/// What becomes of the binding that a new one of the same secret and id takes the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predecessor {
    /// Its outcome is unknown, or its node is down: remembered, to be ended when it shows up.
    Abandon(i64),
    /// It never came to be.
    Forget(i64),
}

/// A binding to be made, before its node is asked.
#[derive(Clone, Debug)]
pub struct NewMeeting {
    /// Row; the daemon numbers them itself.
    pub row: i64,
    /// The owner.
    pub secret: SecretId,
    /// The meeting id.
    pub id: Arc<str>,
    /// The node.
    pub node: NodeId,
    /// Names the instance in the end callback.
    pub nonce: Nonce,
    /// The meeting's name.
    pub name: String,
    /// The client's own `meetingEndedURL`.
    pub ended_url: Option<String>,
    /// Milliseconds since 1970.
    pub created_at: i64,
}

/// What a node's answer tells of an instance.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// `createTime` of the instance.
    pub create_time: i64,
    /// `internalMeetingID`.
    pub internal_id: String,
    /// Password of attendees.
    pub attendee_pw: String,
    /// Password of moderators.
    pub moderator_pw: String,
    /// The node's whole answer.
    pub answer: Vec<u8>,
    /// Names the instance in the end callback.
    pub nonce: Nonce,
}

/// A binding as stored.
#[derive(Clone, Debug)]
pub struct StoredMeeting {
    /// What was stored before the node was asked.
    pub new: NewMeeting,
    /// How far it has come.
    pub phase: Phase,
    /// What the node's answer told, once live.
    pub confirmed: Option<Confirmation>,
}

impl Store {
    /// All bindings.
    pub async fn meetings(&self) -> Result<Vec<StoredMeeting>, StoreError> {
        self.read(load).await
    }

    /// Stores a binding in phase `creating`, in place of its predecessor if it has one.
    pub async fn reserve_meeting(
        &self,
        new: NewMeeting,
        predecessor: Option<Predecessor>,
    ) -> Result<(), StoreError> {
        self.writer
            .run(move |db| {
                match predecessor {
                    Some(Predecessor::Abandon(row)) => set_phase(db, row, Phase::Abandoned)?,
                    Some(Predecessor::Forget(row)) => delete(db, row)?,
                    None => {}
                }
                insert(db, &new)
            })
            .await
    }

    /// The node has said that the meeting is there: the binding is live, as this instance. False if there
    /// is no such binding any more: a callback has ended it.
    pub async fn confirm_meeting(&self, row: i64, it: Confirmation) -> Result<bool, StoreError> {
        self.writer.run(move |db| confirm(db, row, &it)).await
    }

    /// A new life of a meeting was found on its node: the old one has ended, with all that its end
    /// entails, and the new one takes its place, in one transaction.
    pub async fn renew_meeting(
        &self,
        (old, old_nonce): (i64, Nonce),
        new: NewMeeting,
        it: Confirmation,
    ) -> Result<(), StoreError> {
        self.writer
            .run(move |db| {
                end(db, old, old_nonce, new.created_at)?;
                insert(db, &new)?;
                confirm(db, new.row, &it)?;
                Ok(())
            })
            .await
    }

    /// The outcome of an attempt is unknown, or a life is left behind.
    pub async fn abandon_meeting(&self, row: i64) -> Result<(), StoreError> {
        self.writer.run(move |db| set_phase(db, row, Phase::Abandoned)).await
    }

    /// The meeting never came to be, or its abandoned attempt is settled. `reinstate` is a life that was
    /// left behind for it and is now its secret's meeting again.
    pub async fn forget_meeting(&self, row: i64, reinstate: Option<i64>) -> Result<(), StoreError> {
        self.writer
            .run(move |db| {
                delete(db, row)?;
                reinstate.map_or(Ok(()), |old| set_phase(db, old, Phase::Live))
            })
            .await
    }

    /// An instance has ended: its binding goes, and its client's callback is queued, in one transaction.
    /// False if somebody else has seen the end before, or the binding is another instance by now.
    pub async fn end_meeting(&self, row: i64, nonce: Nonce, now: i64) -> Result<bool, StoreError> {
        self.writer.run(move |db| end(db, row, nonce, now)).await
    }
}

fn insert(db: &Connection, new: &NewMeeting) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO meeting (id, secret_id, meeting_id, node_id, phase, nonce, name, ended_url, created_at)
         VALUES (?1, ?2, ?3, ?4, 'creating', ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        new.row,
        new.secret.0,
        new.id,
        new.node.0,
        new.nonce.as_bytes(),
        new.name,
        new.ended_url,
        new.created_at
    ])?;
    Ok(())
}

fn confirm(db: &Connection, row: i64, it: &Confirmation) -> Result<bool, StoreError> {
    let bound = db.prepare_cached(
        "UPDATE meeting SET phase = 'live', nonce = ?2, create_time = ?3, internal_id = ?4, attendee_pw = ?5,
         moderator_pw = ?6, answer = ?7 WHERE id = ?1",
    )?
    .execute(params![
        row,
        it.nonce.as_bytes(),
        it.create_time,
        it.internal_id,
        it.attendee_pw,
        it.moderator_pw,
        it.answer
    ])?;
    Ok(bound > 0)
}

fn end(db: &Connection, row: i64, nonce: Nonce, now: i64) -> Result<bool, StoreError> {
    // The client of an abandoned attempt has its meeting elsewhere, and that one has not ended.
    let ended: Option<Option<String>> = db
        .prepare_cached(
            "DELETE FROM meeting WHERE id = ?1 AND nonce = ?2
             RETURNING CASE phase WHEN 'abandoned' THEN NULL ELSE ended_url END",
        )?
        .query_row(params![row, nonce.as_bytes()], |row| row.get(0))
        .optional()?;
    if let Some(Some(url)) = &ended {
        queue_callback(db, url, now)?;
    }
    Ok(ended.is_some())
}

fn delete(db: &Connection, row: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM meeting WHERE id = ?1")?.execute([row])?;
    Ok(())
}

fn set_phase(db: &Connection, row: i64, phase: Phase) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE meeting SET phase = ?2 WHERE id = ?1")?
        .execute(params![row, phase.as_str()])?;
    Ok(())
}

fn load(db: &Connection) -> Result<Vec<StoredMeeting>, StoreError> {
    let mut statement = db.prepare(
        "SELECT id, secret_id, meeting_id, node_id, phase, nonce, name, ended_url, created_at, create_time,
                internal_id, attendee_pw, moderator_pw, answer
         FROM meeting ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        let nonce = Nonce::from_bytes(&row.get::<_, Vec<u8>>(5)?)
            .ok_or_else(|| StoreError::Other("a nonce of a wrong length".to_owned()))?;
        let new = NewMeeting {
            row: row.get(0)?,
            secret: SecretId(row.get(1)?),
            id: row.get::<_, String>(2)?.into(),
            node: NodeId(row.get(3)?),
            nonce,
            name: row.get(6)?,
            ended_url: row.get(7)?,
            created_at: row.get(8)?,
        };
        let text =
            |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(column)?.unwrap_or_default());
        let confirmed = match row.get::<_, Option<i64>>(9)? {
            Some(create_time) => Some(Confirmation {
                create_time,
                internal_id: text(10)?,
                attendee_pw: text(11)?,
                moderator_pw: text(12)?,
                answer: row.get::<_, Option<Vec<u8>>>(13)?.unwrap_or_default(),
                nonce,
            }),
            None => None,
        };
        let phase = Phase::from_word(&row.get::<_, String>(4)?);
        list.push(StoredMeeting { new, phase, confirmed });
    }
    Ok(list)
}
