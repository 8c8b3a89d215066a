//! Fatal errors: a message, a hint and an exit code.

use std::io::Write as _;
use std::process::ExitCode;

use rpc::client::ConnectError;

use crate::text::clean;

/// A fatal error. The exit codes are those of `b3lb-cli`.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    message: String,
    hint: &'static str,
}

impl Failure {
    /// A failure without a code of its own.
    pub fn new(message: impl Into<String>, hint: &'static str) -> Self {
        Self { code: 1, message: message.into(), hint }
    }

    /// The daemon cannot be reached, or closed the connection.
    pub fn unreachable(message: impl Into<String>) -> Self {
        let hint =
            "is b3lbd running? --connect unix:PATH or ssh://HOST, or B3LB_ADMIN_SOCKET, names another one";
        Self { code: 6, message: message.into(), hint }
    }

    /// The daemon did not answer in time.
    pub fn timed_out(message: impl Into<String>) -> Self {
        Self { code: 7, message: message.into(), hint: "see the log of b3lbd" }
    }

    /// Prints the error on standard error, and ignores errors there.
    pub fn report(&self) -> ExitCode {
        let mut stderr = std::io::stderr();
        let _ = writeln!(stderr, "error: {}\nhint: {}", clean(&self.message), self.hint);
        ExitCode::from(self.code)
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let message = error.to_string();
        match error {
            ConnectError::Unreachable(_) | ConnectError::NoAnswer(_) | ConnectError::Ssh { .. } => {
                Self::unreachable(message)
            }
            ConnectError::Permission(_) => {
                Self { code: 4, message, hint: "join the group b3lb and log in again" }
            }
            ConnectError::Protocol { .. } => {
                Self::new(message, "install b3lbd and b3lb-tui of the same version")
            }
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(format!("the terminal: {error}"), "b3lb-cli does the same without a dashboard")
    }
}
