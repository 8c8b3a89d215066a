//! A real sshd on this machine, and an `ssh` that finds its way to it.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::daemon::free_port;
use crate::eventually::PATIENCE;

/// An sshd that lets in whoever runs the tests, with a key of its own. It goes when this goes.
#[derive(Debug)]
pub struct Sshd {
    port: u16,
    folder: PathBuf,
    log: Arc<Mutex<String>>,
    child: Child,
}

impl Sshd {
    /// Starts it with all its files in `folder`, and waits until it listens. Who logs in has just these
    /// environment variables besides those that sshd sets: `PATH` leads to `b3lb-cli`.
    ///
    /// # Panics
    /// If there is no sshd or it does not start: `tests/sshd/install` gets one.
    pub async fn start(folder: &Path, environment: &[(&str, &str)]) -> Self {
        for name in ["host_key", "key"] {
            make_key(&folder.join(name)).await;
        }
        let port = free_port();
        write(&folder.join("sshd_config"), &server_config(folder, port, environment), 0o600);
        write(&folder.join("ssh_config"), &client_config(folder).await, 0o600);
        write(&folder.join("known_hosts"), &known_host(folder, port), 0o600);
        fs::create_dir_all(folder.join("bin")).expect("a folder");
        write(&folder.join("bin/ssh"), &client(folder), 0o700);

        let mut child = Command::new(tests_folder().join("sshd"))
            .args(["-D", "-e", "-f"])
            .arg(folder.join("sshd_config"))
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("tests/sshd/sshd can be started");
        let lines = child.stderr.take().expect("its stderr is piped");
        let (log, ready) = listen(lines);
        let mut ready = ready;
        let listening = tokio::time::timeout(PATIENCE, ready.wait_for(|it| *it)).await;
        assert!(
            listening.is_ok_and(|it| it.is_ok()),
            "sshd does not start (tests/sshd/install gets one):\n{}",
            log.lock()
        );
        Self { port, folder: folder.to_owned(), log, child }
    }

    /// Where `--connect` finds it.
    pub fn url(&self) -> String {
        format!("ssh://127.0.0.1:{}", self.port)
    }

    /// A `PATH` whose `ssh` has the key for this sshd and knows its host key.
    pub fn path(&self) -> String {
        let others = std::env::var("PATH").unwrap_or_default();
        format!("{}:{others}", self.folder.join("bin").display())
    }

    /// Ends all that runs below it, as when its machine loses power: links that are up break, new ones can
    /// be made.
    ///
    /// # Panics
    /// If no link is up.
    pub async fn cut(&self) {
        let below = descendants(self.child.id().expect("sshd runs"));
        assert!(!below.is_empty(), "nobody is logged in");
        // Some of them go by themselves once the first is gone.
        let mut kill = Command::new("kill");
        kill.arg("-KILL").args(below.iter().map(u32::to_string)).stderr(Stdio::null());
        kill.status().await.expect("kill can be started");
    }

    /// From now on the client expects another host key.
    pub fn expect_another_host_key(&self) {
        let other = fs::read_to_string(self.folder.join("key.pub")).expect("a key");
        write(&self.folder.join("known_hosts"), &format!("[127.0.0.1]:{} {other}", self.port), 0o600);
    }

    /// From now on nobody may log in.
    pub fn lock_out(&self) {
        fs::remove_file(self.folder.join("key.pub")).expect("the key was accepted so far");
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        self.log.lock().clone()
    }
}

/// The processes that a process has started, and those that these have started.
fn descendants(pid: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .expect("this is Linux")
        .filter_map(|entry| {
            let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // The name of the program, in parentheses, may have spaces in it.
            let (_, after_name) = stat.rsplit_once(')')?;
            Some((pid, after_name.split_whitespace().nth(1)?.parse().ok()?))
        })
        .collect();
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, its)| *its == parent).map(|(pid, _)| pid));
        next += 1;
    }
    found.split_off(1)
}

/// Collects the log, and tells when it says that sshd listens.
fn listen(lines: tokio::process::ChildStderr) -> (Arc<Mutex<String>>, watch::Receiver<bool>) {
    let (ready, is_ready) = watch::channel(false);
    let log: Arc<Mutex<String>> = Arc::default();
    let kept = Arc::clone(&log);
    tokio::spawn(async move {
        let mut lines = BufReader::new(lines).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let _ = writeln!(kept.lock(), "{line}");
            if line.starts_with("Server listening") {
                ready.send_replace(true);
            }
        }
    });
    (log, is_ready)
}

fn server_config(folder: &Path, port: u16, environment: &[(&str, &str)]) -> String {
    // The home keeps start-up files of whoever runs the tests out of it.
    let mut variables = format!("\"HOME={}\"", folder.display());
    for (name, value) in environment {
        let _ = write!(variables, " \"{name}={value}\"");
    }
    let folder = folder.display();
    format!(
        "ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PidFile none
# The files lie below a folder for all, such as /tmp.
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 100
LogLevel VERBOSE
SetEnv {variables}
"
    )
}

async fn client_config(folder: &Path) -> String {
    let user = Command::new("id").arg("-un").output().await.expect("id is there");
    let user = String::from_utf8(user.stdout).expect("a name");
    format!(
        "Host *
    User {user}
    IdentityFile {folder}/key
    IdentityAgent none
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
",
        user = user.trim(),
        folder = folder.display(),
    )
}

fn known_host(folder: &Path, port: u16) -> String {
    let key = fs::read_to_string(folder.join("host_key.pub")).expect("a host key");
    format!("[127.0.0.1]:{port} {key}")
}

/// The program `ssh` of the tests: the real one with our settings instead of the user's.
fn client(folder: &Path) -> String {
    format!("#!/bin/sh\nexec '{}' -F '{}/ssh_config' \"$@\"\n", program("ssh").display(), folder.display())
}

async fn make_key(path: &Path) {
    let output = Command::new(program("ssh-keygen"))
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"])
        .arg(path)
        .output()
        .await
        .expect("ssh-keygen can be started: tests/sshd/install gets it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A program of OpenSSH: unpacked by `tests/sshd/install`, or on `PATH`.
///
/// # Panics
/// If it is in neither place.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let unpacked = tests_folder().join("root/usr/bin");
    let mut places = std::iter::once(unpacked).chain(std::env::split_paths(&path));
    let found = places.find_map(|folder| Some(folder.join(name)).filter(|it| it.is_file()));
    found.unwrap_or_else(|| panic!("{name} is missing: tests/sshd/install gets it"))
}

fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sshd")
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).expect("the folder can be written to");
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}
