//! Prompts: confirmations, and secrets from standard input.

use std::io::{IsTerminal as _, Write as _};

use rpc::Sensitive;
use rpc_client::{Exit, Failure};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// Whether there is a terminal to ask on.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for confirmation; fails unless the answer is yes.
pub(crate) async fn confirm(question: &str) -> Result<(), Failure> {
    prompt(&format!("{question} [y/N] "));
    let answer = read_line().await?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        Ok(())
    } else {
        Err(Failure::new(Exit::Failed, "refused", "not confirmed, nothing was changed"))
    }
}

/// Reads a secret argument; `-` reads it from one line of standard input.
pub(crate) async fn secret(argument: String) -> Result<Sensitive, Failure> {
    if argument != "-" {
        return Ok(argument.into());
    }
    let hidden = can_ask().then(Hidden::begin).flatten();
    if hidden.is_some() {
        prompt("Secret (not shown): ");
    }
    let line = read_line().await?;
    if hidden.is_some() {
        prompt("\n");
    }
    let line = line.trim();
    if line.is_empty() {
        return Err(Failure::usage("standard input has no secret").hint("write it on one line"));
    }
    Ok(line.into())
}

/// Hides what is typed until it is dropped, also by Ctrl-C.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> Option<Self> {
        let before = tcgetattr(std::io::stdin()).ok()?;
        let mut hiding = before.clone();
        hiding.local_modes.remove(LocalModes::ECHO);
        tcsetattr(std::io::stdin(), OptionalActions::Now, &hiding).ok()?;
        Some(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // Nothing can be done if the terminal is gone.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

fn prompt(text: &str) {
    let mut stderr = std::io::stderr();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// Reads a line without its line ending. Runs on its own thread so that Ctrl-C still works.
async fn read_line() -> Result<String, Failure> {
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line)
    });
    let mut line = match read.await {
        Ok(Ok(line)) => line,
        Ok(Err(error)) => return Err(Failure::io("read standard input", error)),
        Err(error) => return Err(Failure::io("read standard input", error)),
    };
    if line.ends_with('\n') {
        line.pop();
        if line.ends_with('\r') {
            line.pop();
        }
    }
    Ok(line)
}
