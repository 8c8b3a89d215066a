//! How the program ends: exit codes, and errors as one line with a hint.

use std::io::Write as _;
use std::process::ExitCode;

use rpc::client::ConnectError;
use rpc::{AdminError, ErrorCode};
use serde::Serialize;
use tarpc::client::RpcError;

use crate::text::clean;

/// The exit codes; wrong usage that clap finds ends with 2 too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// The daemon refused, or it failed.
    Failed = 1,
    /// Wrong usage.
    Usage = 2,
    /// The named thing does not exist.
    NotFound = 3,
    /// The socket may not be opened.
    NoPermission = 4,
    /// It exists already, or is still in use.
    Conflict = 5,
    /// No daemon, or it went away.
    Unreachable = 6,
    /// Not finished in the time given.
    TimedOut = 7,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a verb did not do as told.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    /// How the program ends.
    #[serde(skip)]
    pub(crate) exit: Exit,
    code: &'static str,
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// A failure in one line; `code` names it in JSON.
    pub(crate) fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self { exit, code, message: message.into(), hint: None }
    }

    /// Wrong usage that clap cannot see.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// Ctrl-C.
    pub(crate) fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted", "interrupted")
    }

    /// Adds what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Prints it to standard error; nobody can be told if that fails.
    pub(crate) fn report(&self, json: bool) {
        let mut stderr = std::io::stderr();
        if json {
            let _ = writeln!(stderr, "{}", serde_json::to_string(self).unwrap_or_default());
            return;
        }
        let _ = writeln!(stderr, "error: {}", clean(&self.message));
        if let Some(hint) = &self.hint {
            let _ = writeln!(stderr, "hint: {}", clean(hint));
        }
    }
}

impl From<AdminError> for Failure {
    fn from(error: AdminError) -> Self {
        let (exit, code) = match error.code {
            ErrorCode::NotFound => (Exit::NotFound, "not_found"),
            ErrorCode::Conflict => (Exit::Conflict, "conflict"),
            ErrorCode::Invalid => (Exit::Failed, "invalid"),
            ErrorCode::Refused => (Exit::Failed, "refused"),
            ErrorCode::Unavailable => (Exit::Failed, "unavailable"),
        };
        Self { exit, code, message: error.message, hint: error.hint }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let (exit, code, hint) = match error {
            ConnectError::Unreachable(_) | ConnectError::NoAnswer(_) => (
                Exit::Unreachable,
                "unreachable",
                "is b3lbd running? --connect unix:PATH or B3LB_ADMIN_SOCKET names another socket",
            ),
            ConnectError::Permission(_) => {
                (Exit::NoPermission, "no_permission", "join the group b3lb and log in again")
            }
            ConnectError::Protocol { .. } => {
                (Exit::Failed, "protocol", "install b3lbd and b3lb-cli of the same version")
            }
        };
        Self::new(exit, code, error.to_string()).hint(hint)
    }
}

impl From<RpcError> for Failure {
    fn from(error: RpcError) -> Self {
        match error {
            RpcError::DeadlineExceeded => {
                Self::new(Exit::TimedOut, "timed_out", "the daemon did not answer in time")
                    .hint("--call-timeout gives it more; what was asked for may still be done")
            }
            other => Self::new(Exit::Unreachable, "unreachable", format!("lost the daemon: {other}"))
                .hint("see the log of b3lbd; what was asked for may have been done"),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(Exit::Failed, "failed", format!("cannot make JSON of the answer: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_socket_ends_with_4() {
        let failure = Failure::from(ConnectError::Permission("/run/b3lb/admin.sock".into()));
        assert_eq!(failure.exit, Exit::NoPermission);
        assert_eq!(failure.message, "no permission to open /run/b3lb/admin.sock");
    }
}
