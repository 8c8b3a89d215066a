//! Runs the binary on a terminal.

use std::io::{Read as _, Write as _};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::fake::Daemon;

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
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let terminal = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_b3lb-cli"));
    command.args(arguments);
    command.args(["--connect".to_owned(), format!("unix:{}", daemon.socket())]);
    command.env_remove("NO_COLOR");
    command.env("TERM", "xterm");
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
