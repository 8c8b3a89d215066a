//! The real `b3lbd` as a child process.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Arc;

use parking_lot::Mutex;
use rand::RngExt;
use rand::distr::Uniform;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpSocket;
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::eventually::PATIENCE;

/// Settings of a daemon without `B3LB_`, such as `POLL_INTERVAL`, and keys of a store, such as `AWS_ACCESS_KEY_ID`.
/// `{address}` stands for its own address.
pub type Settings = BTreeMap<String, String>;

/// A binary of the workspace, beside the test's own.
///
/// # Panics
/// If it was not built: `cargo build --workspace` first, as `tests/run` does.
pub fn binary(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("the test has a path");
    let folder = own.parent().expect("it is in a folder");
    // Tests are built one folder below the binaries.
    let folder = if folder.ends_with("deps") { folder.parent().expect("target/<profile>") } else { folder };
    let path = folder.join(name);
    assert!(path.exists(), "{} is missing: run tests/run, or cargo build --workspace", path.display());
    path
}

/// A port that was free a moment ago. None of those that outgoing connections get: one of these could take it
/// while a daemon is down.
pub fn free_port() -> u16 {
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    rand::rng().sample_iter(Uniform::new(10_000, 30_000).expect("a range")).find(free).expect("a free port")
}

/// A port that nobody else is given as long as this lives, although nobody listens at it.
fn reserved_port() -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Lets the daemon have it all the same.
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    Ok(socket)
}

/// A daemon with its folder; it can be killed and started again on the same port.
#[derive(Debug)]
pub struct Daemon {
    folder: PathBuf,
    settings: Settings,
    port: u16,
    child: Option<Child>,
    log: Arc<Mutex<String>>,
    wrapper: Vec<String>,
    arguments: Vec<String>,
    _reserved: TcpSocket,
}

impl Daemon {
    /// Starts a daemon in `folder` with fast polls, and waits until it listens.
    pub async fn start(folder: &Path, settings: &Settings) -> Self {
        let reserved = reserved_port().expect("a free port");
        let port = reserved.local_addr().expect("the port has a number").port();
        let mut all: Settings = [
            ("API_BASE_DOMAIN", "b3lb.test".to_owned()),
            ("LISTEN", format!("127.0.0.1:{port}")),
            ("DATABASE", folder.join("b3lb.db").display().to_string()),
            ("PUBLIC_URL", format!("http://127.0.0.1:{port}")),
            ("NODE_PROTOCOL", "http://".to_owned()),
            ("NODE_REQUEST_TIMEOUT", "2".to_owned()),
            ("POLL_INTERVAL", "0.2".to_owned()),
            ("ADMIN_SOCKET", folder.join("admin.sock").display().to_string()),
            ("LOG", "debug".to_owned()),
            ("LOG_FORMAT", "json".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let address = format!("127.0.0.1:{port}");
        all.extend(settings.iter().map(|(name, value)| (name.clone(), value.replace("{address}", &address))));
        let log = Arc::default();
        let wrapper = Vec::new();
        let mut daemon = Self {
            folder: folder.to_owned(),
            settings: all,
            port,
            child: None,
            log,
            wrapper,
            arguments: Vec::new(),
            _reserved: reserved,
        };
        daemon.start_again().await;
        daemon
    }

    /// Starts it again after a stop or a kill, on the same port and database.
    pub async fn start_again(&mut self) {
        let mut command = self.command();
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("b3lbd starts");
        let lines = child.stderr.take().expect("its stderr is piped");
        let (ready, mut is_ready) = watch::channel(false);
        let log = Arc::clone(&self.log);
        tokio::spawn(async move {
            let mut lines = BufReader::new(lines).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let listening = line.contains("b3lbd starts");
                let mut log = log.lock();
                log.push_str(&line);
                log.push('\n');
                drop(log);
                if listening {
                    ready.send_replace(true);
                }
            }
        });
        let started = tokio::time::timeout(PATIENCE, is_ready.wait_for(|it| *it)).await;
        assert!(started.is_ok_and(|it| it.is_ok()), "b3lbd did not start:\n{}", self.log());
        self.child = Some(child);
    }

    /// The command that starts it, for tests of a start that fails.
    pub fn command(&self) -> Command {
        let mut command = match self.wrapper.split_first() {
            Some((program, args)) => {
                let mut command = Command::new(program);
                command.args(args).arg(binary("b3lbd"));
                command
            }
            None => Command::new(binary("b3lbd")),
        };
        command.args(&self.arguments).current_dir(&self.folder).env_clear();
        for (name, value) in &self.settings {
            let prefix = if name.starts_with("AWS_") { "" } else { "B3LB_" };
            command.env(format!("{prefix}{name}"), value);
        }
        command
    }

    /// Changes a setting for the next start.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    /// Gives it an argument from the next start on.
    pub fn argument(&mut self, argument: &str) {
        self.arguments.push(argument.to_owned());
    }

    /// Starts it through a program from the next start on; its last argument is the daemon's path, which it
    /// replaces itself with.
    pub fn wrap(&mut self, program: &[&str]) {
        self.wrapper = program.iter().map(|it| (*it).to_owned()).collect();
    }

    /// Lets it take the time of day from a file from the next start on, as an offset such as `+3600` to the true one.
    /// Other clocks stay true.
    ///
    /// # Panics
    /// If `tests/replicas/install` was not run.
    pub fn fake_clock(&mut self, offset: &Path) {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("replicas/faketime/libfaketime.so.1");
        assert!(library.exists(), "run tests/replicas/install first");
        let preload = format!("LD_PRELOAD={}", library.display());
        let file = format!("FAKETIME_TIMESTAMP_FILE={}", offset.display());
        self.wrap(&[
            "/usr/bin/env",
            &preload,
            &file,
            "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        ]);
    }

    /// Where the front end listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Its admin socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("admin.sock")
    }

    /// Its database.
    pub fn database(&self) -> PathBuf {
        self.folder.join("b3lb.db")
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().and_then(Child::id).expect("the daemon runs")
    }

    /// The most memory that it has had since its last start, in MB of 1,000,000 bytes.
    ///
    /// # Panics
    /// If it does not run.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells it");
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kib * 1024 / 1_000_000
    }

    /// All that it has logged, over all its lives.
    pub fn log(&self) -> String {
        self.log.lock().clone()
    }

    /// `kill -9`: no chance to tidy up.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().expect("the daemon runs");
        child.kill().await.expect("it dies");
    }

    /// SIGTERM, and waits for its end; its exit code.
    pub async fn terminate(&mut self) -> Option<i32> {
        let mut child = self.child.take().expect("the daemon runs");
        let pid = child.id().expect("it runs").to_string();
        let kill = Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill works");
        assert!(kill.success());
        let status =
            tokio::time::timeout(PATIENCE, child.wait()).await.expect("it stops").expect("it is waited for");
        status.code()
    }

    /// Waits until it ends by itself; its exit code.
    ///
    /// # Panics
    /// If it does not.
    pub async fn ended(&mut self) -> Option<i32> {
        let mut child = self.child.take().expect("the daemon runs");
        let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("it ends");
        status.expect("it is waited for").code()
    }

    /// Runs `b3lb-cli` against it.
    pub async fn cli(&self, args: &[&str]) -> Output {
        self.cli_command(args).output().await.expect("b3lb-cli runs")
    }

    /// `b3lb-cli` against it, with nothing on standard input and both outputs kept.
    pub fn cli_command(&self, args: &[&str]) -> Command {
        cli_command(&self.socket(), args)
    }
}

/// `b3lb-cli` against the daemon with this admin socket, with nothing on standard input and both outputs kept.
pub fn cli_command(socket: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(binary("b3lb-cli"));
    command.env_clear().arg("--connect").arg(format!("unix:{}", socket.display())).args(args);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}
