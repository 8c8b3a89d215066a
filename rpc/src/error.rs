//! What the daemon answers when it does not do as told.

use serde::{Deserialize, Serialize};

/// The answer of every call.
pub type AdminResult<T> = Result<T, AdminError>;

/// The kinds of failure; each has one exit code of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The named thing does not exist.
    NotFound,
    /// It exists already, is still in use, or somebody else changed it.
    Conflict,
    /// A value breaks a rule; the message names the field and the rule.
    Invalid,
    /// The daemon may not do this (a replica, a protected thing).
    Refused,
    /// The store or a node does not answer; trying again may help.
    Unavailable,
}

/// A refusal in words: what, why, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct AdminError {
    /// The kind of failure.
    pub code: ErrorCode,
    /// One line without a full stop; names the thing or the field, and the rule.
    pub message: String,
    /// The field whose value breaks a rule.
    #[serde(default)]
    pub field: Option<String>,
    /// What to do next, if that is not obvious.
    #[serde(default)]
    pub hint: Option<String>,
}

impl AdminError {
    /// An error of `code` that says `message`.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, hint: None }
    }

    /// Something of this kind and name does not exist.
    pub fn not_found(kind: &str, name: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("{kind} {name} does not exist"))
    }

    /// Something of this kind and name exists already.
    pub fn exists(kind: &str, name: &str) -> Self {
        Self::new(ErrorCode::Conflict, format!("{kind} {name} already exists"))
    }

    /// The value of `field` breaks `rule`.
    pub fn invalid(field: &str, rule: &str) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(ErrorCode::Invalid, format!("{field}: {rule}")) }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
