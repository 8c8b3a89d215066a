//! The fake daemon, with the binary pointed at it.

use std::ops::Deref;
use std::process::Command;

pub(crate) use fake::{BACKUP, Fake, configuration};
use rpc::ErrorCode;

use crate::run::{Outcome, command};

/// A running fake.
pub(crate) struct Daemon(fake::Daemon);

impl Deref for Daemon {
    type Target = fake::Daemon;

    fn deref(&self) -> &fake::Daemon {
        &self.0
    }
}

impl Daemon {
    /// A fake that answers everything.
    pub(crate) fn start() -> Self {
        Self(fake::Daemon::start())
    }

    /// A fake that refuses everything.
    pub(crate) fn failing(code: ErrorCode) -> Self {
        Self(fake::Daemon::failing(code))
    }

    /// A fake that refuses this call and answers everything else.
    pub(crate) fn failing_at(call: &'static str, code: ErrorCode) -> Self {
        Self(fake::Daemon::failing_at(call, code))
    }

    /// A fake whose nodes, meetings and backups have problems.
    pub(crate) fn sick() -> Self {
        Self(fake::Daemon::sick())
    }

    /// A fake that behaves like this.
    pub(crate) fn serve(fake: Fake) -> Self {
        Self(fake::Daemon::serve(fake))
    }

    /// Path of the socket.
    pub(crate) fn socket(&self) -> String {
        self.0.socket().display().to_string()
    }

    /// The binary, pointed at the fake.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.arg("--connect").arg(format!("unix:{}", self.socket()));
        command
    }

    /// Runs the binary to completion.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.command(arguments).output().unwrap().into()
    }
}
