//! How a tool ends: exit codes, and errors as one line with a hint. Both tools have the same codes for the same
//! failures.

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use rpc::{AdminError, ErrorCode};
use serde::Serialize;

use crate::{ConnectError, clean};

/// The exit codes. clap also exits with 2 on wrong usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The daemon refused, or the operation failed.
    Failed = 1,
    /// Wrong usage.
    Usage = 2,
    /// The named object does not exist.
    NotFound = 3,
    /// The user may not open the socket.
    NoPermission = 4,
    /// It already exists, or is still in use.
    Conflict = 5,
    /// The daemon does not run, or the connection was lost.
    Unreachable = 6,
    /// It timed out.
    TimedOut = 7,
    /// The daemon works, but needs an operator.
    Degraded = 8,
    /// Part of the work is done.
    Partly = 9,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a tool failed.
#[derive(Debug, Serialize)]
pub struct Failure {
    /// The exit code.
    #[serde(skip)]
    pub exit: Exit,
    code: &'static str,
    message: String,
    /// The field whose value is invalid.
    field: Option<String>,
    hint: Option<String>,
}

impl Failure {
    /// A failure with a one-line message; `code` identifies it in JSON.
    pub fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self { exit, code, message: message.into(), field: None, hint: None }
    }

    /// A failure without an exit code of its own.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, "failed", message)
    }

    /// Wrong usage that clap cannot detect.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// The daemon cannot be reached, or closed the connection.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self::new(Exit::Unreachable, "unreachable", message)
    }

    /// The daemon did not answer in time.
    pub fn timed_out(message: impl Into<String>) -> Self {
        Self::new(Exit::TimedOut, "timed_out", message)
    }

    /// A local file or stream cannot be used.
    pub fn io(doing: impl Display, error: impl Display) -> Self {
        Self::failed(format!("cannot {doing}: {error}"))
    }

    fn no_permission(message: String) -> Self {
        Self::new(Exit::NoPermission, "no_permission", message)
    }

    /// Ctrl-C.
    pub fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted", "interrupted")
    }

    /// Adds a hint about what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Prints the error to standard error; if `json` is set, as one line of JSON. Write errors are ignored, as
    /// they cannot be reported.
    pub fn report(&self, json: bool) {
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
        Self { exit, code, message: error.message, field: error.field, hint: error.hint }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let message = error.to_string();
        match &error {
            // The reason comes from ssh itself, or from b3lb-cli on the remote side.
            ConnectError::Ssh { reason, .. } if reason.contains("Permission denied") => {
                Self::no_permission(message).hint("see that ssh lets you log in there")
            }
            ConnectError::Ssh { reason, .. } if reason.contains("no permission to open") => {
                Self::no_permission(message).hint("join the group b3lb over there")
            }
            ConnectError::Permission(_) => {
                Self::no_permission(message).hint("join the group b3lb and log in again")
            }
            ConnectError::Ssh { reason, .. } if reason.contains("Host key verification failed") => {
                Self::unreachable(message).hint("log in with ssh once, and see whether its host key is right")
            }
            ConnectError::Ssh { .. } => Self::unreachable(message).hint(
                "over there b3lb-cli must be on PATH and b3lbd must run: log in with ssh and try b3lb-cli status",
            ),
            ConnectError::Unreachable(_) | ConnectError::NoAnswer(_) => Self::unreachable(message)
                .hint("is b3lbd running? --connect unix:PATH or B3LB_ADMIN_SOCKET names another socket"),
            ConnectError::Protocol { .. } => Self::new(Exit::Failed, "protocol", message)
                .hint("install b3lbd, b3lb-cli and b3lb-tui of the same version"),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::failed(format!("cannot serialize the answer as JSON: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_permission_on_the_far_side_ends_with_4() {
        for (reason, exit) in [
            ("ada@host: Permission denied (publickey).", Exit::NoPermission),
            ("no permission to open /run/b3lb/admin.sock", Exit::NoPermission),
            ("bash: b3lb-cli: command not found", Exit::Unreachable),
            ("Host key verification failed.", Exit::Unreachable),
        ] {
            let error = ConnectError::Ssh { host: "ssh://host".into(), reason: reason.into() };
            assert_eq!(Failure::from(error).exit, exit, "{reason}");
        }
    }

    #[test]
    fn a_forbidden_socket_ends_with_4() {
        let failure = Failure::from(ConnectError::Permission("/run/b3lb/admin.sock".into()));
        assert_eq!(failure.exit, Exit::NoPermission);
        assert_eq!(failure.message, "no permission to open /run/b3lb/admin.sock");
    }
}
