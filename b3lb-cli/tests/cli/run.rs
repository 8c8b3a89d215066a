//! Runs the binary.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The outcome of a run.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Standard output of a run that succeeded and printed no errors.
    pub(crate) fn good(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.stdout
    }

    /// The one JSON document that a successful run printed on one line.
    pub(crate) fn json(self) -> Value {
        let stdout = self.good();
        assert_eq!(stdout.matches('\n').count(), 1, "{stdout}");
        serde_json::from_str(&stdout).unwrap()
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// The binary with these arguments, without the environment settings of the user who runs the tests.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_b3lb-cli"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("B3LB_ADMIN_SOCKET").env_remove("XDG_RUNTIME_DIR").env("COLUMNS", "100");
    command.env("TZ", "UTC");
    command
}

/// Runs without a daemon.
pub(crate) fn alone(arguments: &[&str]) -> Outcome {
    let mut command = command(arguments);
    command.env("B3LB_ADMIN_SOCKET", "/nowhere/admin.sock").output().unwrap().into()
}

/// Runs to completion with this standard input.
pub(crate) fn with_input(mut command: Command, input: &str) -> Outcome {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}
