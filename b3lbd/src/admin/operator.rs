//! An operator who makes a call. All changes go through [`Operator::change`].

use std::future::Future;
use std::sync::Arc;

use rpc::{AdminError, AdminResult, ErrorCode};
use serde_json::Value;

use super::Context;
use super::context::{refusal, unavailable};
use crate::model::{Catalog, EventKind, JournalEntry, Severity, Subject};
use crate::store::{AuditNote, Edit};

/// The user of a connection.
#[derive(Clone, Debug)]
pub(super) struct Operator {
    pub(super) context: Arc<Context>,
    /// The user according to the operating system, such as `ada (1000)`.
    pub(super) who: String,
    /// The program, and the remote host if there is one.
    pub(super) origin: String,
}

impl Operator {
    /// Changes the configuration. Changes run one at a time, each in one transaction with an entry in the
    /// audit log. `plan` reads the configuration when the change's turn has come and returns the edits. If
    /// somebody else has changed `subject` since this was called, the change fails with a conflict.
    ///
    /// Runs to completion even if the caller disconnects, so that memory and database never differ.
    pub(super) async fn change(
        &self,
        action: &'static str,
        subject: Subject,
        plan: impl FnOnce(&Catalog) -> AdminResult<Vec<Edit>> + Send + 'static,
    ) -> AdminResult<Arc<Catalog>> {
        let seen = self.context.catalog();
        let planned = move |now: &Catalog| {
            let edits = plan(now)?;
            // If the same object was added twice concurrently, the error is that it already exists.
            if !edits.is_empty() && subject.exists(&seen) && !subject.is_same(&seen, now) {
                return Err(conflict(&subject));
            }
            Ok(Planned { edits, subject, values: None })
        };
        self.change_as_planned(action, planned).await
    }

    /// Like [`Operator::change`], but the plan determines the audit entry.
    pub(super) async fn change_as_planned(
        &self,
        action: &'static str,
        plan: impl FnOnce(&Catalog) -> AdminResult<Planned> + Send + 'static,
    ) -> AdminResult<Arc<Catalog>> {
        let this = self.clone();
        let work = async move {
            let _turn = this.context.changing.lock().await;
            if !this.context.core.pool.standing.may_act() {
                let message = "this daemon is not the primary of its store, or cannot know whether it is";
                return Err(AdminError::new(ErrorCode::Refused, message).hint("see `b3lb-cli status`"));
            }
            let before = this.context.catalog();
            let Planned { edits, subject, values } = plan(&before)?;
            if edits.is_empty() {
                return Ok(before);
            }
            let note = this.note(action, subject.clone(), values);
            let changed = this.context.core.store.change(note, before, edits).await.map_err(refusal)?;
            let Some((was, is)) = changed.difference else { return Ok(this.context.catalog()) };
            this.context.core.pool.install(changed.catalog);
            this.record_event(action, &subject, &was, &is);
            Ok(this.context.catalog())
        };
        let result = Self::to_the_end(work).await;
        if let Err(error) = &result {
            tracing::debug!(who = self.who, what = action, code = ?error.code, "admin change refused");
        }
        result
    }

    /// Runs a future to completion, even if the caller disconnects.
    pub(super) async fn to_the_end<T: Send + 'static>(
        work: impl Future<Output = AdminResult<T>> + Send + 'static,
    ) -> AdminResult<T> {
        match tokio::spawn(work).await {
            Ok(result) => result,
            Err(_) => Err(AdminError::new(ErrorCode::Unavailable, "the change was aborted")),
        }
    }

    /// Adds an audit log entry for an action that does not change the configuration, such as reading secrets.
    pub(super) async fn record(
        &self,
        action: &'static str,
        subject: Subject,
        after: Value,
    ) -> AdminResult<()> {
        let note = self.note(action, subject.clone(), Some((Value::Null, after.clone())));
        self.context.core.store.audit(note).await.map_err(|error| unavailable(&error))?;
        self.record_event(action, &subject, &Value::Null, &after);
        Ok(())
    }

    fn note(&self, action: &'static str, subject: Subject, values: Option<(Value, Value)>) -> AuditNote {
        let at = self.context.core.pool.clock.wall_ms();
        AuditNote { at, who: self.who.clone(), origin: self.origin.clone(), action, subject, values }
    }

    /// Logs a change that was made; never contains a secret.
    fn record_event(&self, action: &'static str, subject: &Subject, was: &Value, is: &Value) {
        tracing::info!(who = self.who, from = self.origin, what = action, name = %subject, "admin change");
        let details = in_words(was, is);
        let text = if details.is_empty() { action.to_owned() } else { format!("{action}: {details}") };
        let mut what = JournalEntry::new(EventKind::Change, Severity::Info, subject.to_string(), text);
        what.who = Some(format!("{} from {}", self.who, self.origin));
        let pool = &self.context.core.pool;
        pool.journal.note(pool.clock.wall_ms(), what);
    }
}

/// The result of planning a change.
pub(super) struct Planned {
    /// The edits to make; empty if nothing changes.
    pub(super) edits: Vec<Edit>,
    /// The object that changes.
    pub(super) subject: Subject,
    /// Old and new values for the audit log, if they differ from the subject's own description.
    pub(super) values: Option<(Value, Value)>,
}

/// Somebody else changed the object first.
fn conflict(subject: &Subject) -> AdminError {
    AdminError::new(ErrorCode::Conflict, format!("{subject} was changed by somebody else just now"))
        .hint("look at it again; nothing of this change was made")
}

/// Maximum length of the details in a line, in characters.
const DETAILS: usize = 200;

/// Describes changed fields, such as `meeting_limit 5 -> 10, group a -> b`.
fn in_words(was: &Value, is: &Value) -> String {
    let (Value::Object(was), Value::Object(is)) = (was, is) else { return String::new() };
    let mut fields: Vec<&String> = was.keys().chain(is.keys()).collect();
    fields.sort();
    fields.dedup();
    let word = |value: Option<&Value>| match value {
        None | Some(Value::Null) => "none".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let changes = fields.iter().map(|it| format!("{it} {} -> {}", word(was.get(*it)), word(is.get(*it))));
    let text = changes.collect::<Vec<_>>().join(", ");
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(DETAILS).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_in_one_line() {
        let (was, is) = (json!({ "limit": 5, "logo": "a" }), json!({ "limit": 10, "note": "x\ny" }));
        assert_eq!(in_words(&was, &is), "limit 5 -> 10, logo a -> none, note none -> x y");
        assert_eq!(in_words(&Value::Null, &is), "", "the name describes a new object");
    }
}
