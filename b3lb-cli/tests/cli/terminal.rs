//! Runs the binary on a terminal.

use std::io::{Read as _, Write as _};
use std::sync::mpsc;
use std::time::Duration;

use portable_pty::{CommandBuilder, PtyPair, PtySize, native_pty_system};

use crate::fake::Daemon;

/// How long the terminal may show nothing.
const PATIENCE: Duration = Duration::from_mins(1);

/// The outcome of a run on a terminal: exit code and everything printed.
pub(crate) struct Shown {
    pub(crate) code: u32,
    pub(crate) screen: String,
}

/// Runs against the fake with this input.
pub(crate) fn run(daemon: &Daemon, arguments: &[&str], typed: &str) -> Shown {
    run_with(daemon, arguments, typed, &[])
}

/// The same with settings in the environment.
pub(crate) fn run_with(daemon: &Daemon, arguments: &[&str], typed: &str, settings: &[(&str, &str)]) -> Shown {
    let (terminal, mut command) = (open(), command(daemon, arguments));
    for (name, value) in settings {
        command.env(name, value);
    }
    let mut child = terminal.slave.spawn_command(command).unwrap();
    drop(terminal.slave);
    let mut reader = terminal.master.try_clone_reader().unwrap();
    terminal.master.take_writer().unwrap().write_all(typed.as_bytes()).unwrap();
    let mut screen = Vec::new();
    // Reading reports a closed terminal as an error, which is the end of the output.
    let _ = reader.read_to_end(&mut screen);
    let code = child.wait().unwrap().exit_code();
    Shown { code, screen: String::from_utf8(screen).unwrap() }
}

fn open() -> PtyPair {
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    native_pty_system().openpty(size).unwrap()
}

fn command(daemon: &Daemon, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_b3lb-cli"));
    command.args(arguments);
    command.args(["--connect".to_owned(), format!("unix:{}", daemon.socket())]);
    command.env_remove("NO_COLOR");
    command.env("TERM", "xterm");
    command
}

/// Types after the prompt for a secret, and returns what the terminal showed until the program ended.
fn answer_prompt(daemon: &Daemon, typed: &[u8]) -> (PtyPair, Shown) {
    let terminal = open();
    let command = command(daemon, &["node", "set", "n1.example.org", "--secret", "-"]);
    let mut child = terminal.slave.spawn_command(command).unwrap();
    let (mut reader, mut writer) =
        (terminal.master.try_clone_reader().unwrap(), terminal.master.take_writer().unwrap());
    let (pieces, shown) = mpsc::channel();
    std::thread::spawn(move || {
        let mut piece = [0; 256];
        while let Ok(count) = reader.read(&mut piece)
            && pieces.send(piece[..count].to_vec()).is_ok()
        {}
    });
    let mut screen = Vec::new();
    let mut read_until = |end: &str| {
        while !String::from_utf8_lossy(&screen).contains(end) {
            let piece = shown.recv_timeout(PATIENCE);
            screen.extend(piece.unwrap_or_else(|_| panic!("{end}: {}", String::from_utf8_lossy(&screen))));
        }
    };
    read_until("not shown): ");
    writer.write_all(typed).unwrap();
    let code = child.wait().unwrap().exit_code();
    // Now the terminal itself echoes this.
    writer.write_all(b"echo").unwrap();
    read_until("echo");
    drop(writer);
    (terminal, Shown { code, screen: String::from_utf8(screen).unwrap() })
}

#[test]
fn a_typed_secret_is_not_shown() {
    let daemon = Daemon::start();
    let (_terminal, shown) = answer_prompt(&daemon, b"hush-hush\n");
    assert_eq!(shown.code, 0, "{}", shown.screen);
    assert!(!shown.screen.contains("hush"), "{}", shown.screen);
    assert!(daemon.calls().iter().any(|call| call.to_string().contains("hush-hush")));
}

#[test]
fn ctrl_c_at_a_secret_leaves_the_terminal_as_it_was() {
    let daemon = Daemon::start();
    let (_terminal, shown) = answer_prompt(&daemon, b"hus\x03");
    assert_eq!(shown.code, 130, "{}", shown.screen);
    assert!(!shown.screen.contains("hus"), "{}", shown.screen);
    assert!(daemon.calls().is_empty());
}
