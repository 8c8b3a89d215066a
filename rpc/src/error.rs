//! The error that the daemon returns when it does not carry out a call.

use serde::{Deserialize, Serialize};

/// The result of a call.
pub type AdminResult<T> = Result<T, AdminError>;

/// The kinds of failure; each maps to one exit code of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The named object does not exist.
    NotFound,
    /// It already exists, is still in use, or was changed by somebody else.
    Conflict,
    /// A value breaks a rule; the message names the field and the rule.
    Invalid,
    /// The daemon may not do this: it is a replica, or the object is protected.
    Refused,
    /// The store or a node does not answer; trying again may help.
    Unavailable,
}

/// Why a call failed, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct AdminError {
    /// The kind of failure.
    pub code: ErrorCode,
    /// One line without a full stop. Names the object or field, and the rule.
    pub message: String,
    /// The field whose value breaks a rule.
    #[serde(default)]
    pub field: Option<String>,
    /// What to do next, if that is not obvious.
    #[serde(default)]
    pub hint: Option<String>,
}

impl AdminError {
    /// An error with this code and message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, hint: None }
    }

    /// No object of this kind and name exists.
    pub fn not_found(kind: &str, name: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("{kind} {name} does not exist"))
    }

    /// An object of this kind and name already exists.
    pub fn exists(kind: &str, name: &str) -> Self {
        Self::new(ErrorCode::Conflict, format!("{kind} {name} already exists"))
    }

    /// The value of `field` breaks `rule`.
    pub fn invalid(field: &str, rule: &str) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(ErrorCode::Invalid, format!("{field}: {rule}")) }
    }

    /// Adds a hint about what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
