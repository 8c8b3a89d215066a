//! Prompts: confirmations, and secrets from standard input.

use std::io::{IsTerminal as _, Write as _};

use rpc::Sensitive;
use rpc_client::{Exit, Failure};

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
    if can_ask() {
        prompt("Secret (visible as you type): ");
    }
    let line = read_line().await?;
    let line = line.trim();
    if line.is_empty() {
        return Err(Failure::usage("standard input has no secret").hint("write it on one line"));
    }
    Ok(line.into())
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
