//! Running litestream.

use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, getpid, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::Program;

/// Maximum length of a line of litestream that is logged.
const LONGEST_LINE: usize = 500;
/// How often a replica looks for changes in the store. Each look is a request that some stores charge for.
const FOLLOW_INTERVAL: &str = "500ms";

fn command(program: &Program, verb: &str, plan: &Path) -> Command {
    litestream(Command::new(&program.path), verb, plan)
}

/// Completes the command of a litestream, or of a program that becomes one.
fn litestream(mut command: Command, verb: &str, plan: &Path) -> Command {
    command
        .args([verb, "-no-expand-env", "-config"])
        .arg(plan)
        // litestream fails at start if this is set.
        .env_remove("AWS_CA_BUNDLE")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A ctrl-c is for the daemon, which then stops litestream.
        .process_group(0)
        .kill_on_drop(true);
    if std::env::var_os("PATH").is_none() {
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
    }
    command
}

/// Restores the newest copy of `database` to `output`, which must not exist. False if the store has none.
pub async fn restore(program: &Program, plan: &Path, database: &Path, output: &Path) -> io::Result<bool> {
    let mut command = command(program, "restore", plan);
    command.args(["-if-replica-exists", "-integrity-check", "quick", "-o"]).arg(output).arg(database);
    let done = command.output().await?;
    if done.status.success() {
        return Ok(output.exists());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it says nothing");
    Err(io::Error::other(format!("litestream restore ends with {}: {}", done.status, shortened(last))))
}

/// Starts to copy a database to the store. What litestream says is logged.
///
/// It ends with the program that it is told to run, which waits for the end of this daemon, also a sudden one.
pub fn replicate(program: &Program, plan: &Path) -> io::Result<Child> {
    let wait_for_us = format!("tail --pid={} -f /dev/null", std::process::id());
    let mut child = command(program, "replicate", plan).args(["-exec", &wait_for_us]).spawn()?;
    log_lines(&mut child);
    Ok(child)
}

/// Restores the newest copy of `database` to `output`, and keeps that up to date until it is told to stop. It ends at
/// once, with success, if the store has no copy.
///
/// `setpriv` of util-linux has the kernel end it with the thread that starts it, also at a sudden end of this daemon.
pub fn follow(program: &Program, plan: &Path, database: &Path, output: &Path) -> io::Result<Child> {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(&program.path);
    let mut command = litestream(command, "restore", plan);
    command.args(["-if-replica-exists", "-f", "-follow-interval", FOLLOW_INTERVAL, "-o"]);
    let spawned = command.arg(output).arg(database).spawn();
    let mut child = spawned.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::other("setpriv was not found: install util-linux"),
        _ => error,
    })?;
    log_lines(&mut child);
    Ok(child)
}

/// Logs what litestream says.
fn log_lines(child: &mut Child) {
    if let Some(pipe) = child.stderr.take() {
        tokio::spawn(async move {
            let mut lines = BufReader::new(pipe).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let line = shortened(&line);
                let is_info = line.contains("level=INFO") || line.contains("level=DEBUG");
                if is_info {
                    tracing::debug!(line, "litestream");
                } else {
                    tracing::warn!(line, "litestream");
                }
            }
        });
    }
}

/// Copies what the store lacks, and ends.
pub async fn replicate_once(program: &Program, plan: &Path) -> io::Result<()> {
    let done = command(program, "replicate", plan).arg("-once").output().await?;
    if done.status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("it ends with {}", done.status)))
    }
}

/// Ends a litestream with this plan that has not noticed yet that its daemon was killed: two of them must not
/// write to one folder of the store.
pub fn end_left_over(plan: &Path) -> io::Result<()> {
    for process in std::fs::read_dir("/proc")?.flatten() {
        let pid = process.file_name().to_string_lossy().parse().ok().and_then(Pid::from_raw);
        let Some(pid) = pid.filter(|pid| *pid != getpid()) else { continue };
        // It may end while it is looked at.
        let arguments = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        // Also one that becomes a litestream. Other programs may read the file.
        let arguments: Vec<_> = arguments.split(|byte| *byte == 0).collect();
        if arguments.windows(2).any(|it| it[0] == b"-config" && it[1] == plan.as_os_str().as_bytes()) {
            tracing::warn!(pid = pid.as_raw_nonzero().get(), "a litestream of a former daemon is ended");
            kill_process(pid, Signal::KILL)?;
        }
    }
    Ok(())
}

fn shortened(line: &str) -> &str {
    &line[..line.floor_char_boundary(LONGEST_LINE)]
}
