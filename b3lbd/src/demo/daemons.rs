//! `--replicas`: the other daemons of the demo, each a process of its own that can be killed.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::Instant;

use crate::config::Config;

/// How long one may take to start, and to stop.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pause before looking again whether one has started.
const PAUSE: Duration = Duration::from_millis(50);

/// A daemon in a process of its own.
#[derive(Debug)]
pub(super) struct OtherDaemon {
    pub(super) socket: PathBuf,
    child: Child,
}

impl OtherDaemon {
    /// Starts one with the same settings as the demo's own, in a folder of its own.
    pub(super) async fn start(config: &Config, folder: PathBuf) -> anyhow::Result<Self> {
        std::fs::create_dir(&folder)?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let socket = folder.join("admin.sock");
        let program = std::env::current_exe().context("the daemon's own program is not known")?;
        let settings = &config.settings;
        let mut command = Command::new(program);
        for (name, value) in [
            ("API_BASE_DOMAIN", config.api_base_domain.as_str()),
            ("LISTEN", &address.to_string()),
            ("ADVERTISE_URL", &format!("http://{address}")),
            ("PUBLIC_URL", &config.public_url),
            ("DATABASE", &folder.join("b3lb.db").to_string_lossy()),
            ("ADMIN_SOCKET", &socket.to_string_lossy()),
            ("NODE_PROTOCOL", &settings.node_protocol),
            ("POLL_INTERVAL", &settings.poll_interval.as_secs_f64().to_string()),
            ("LITESTREAM_BIN", &settings.litestream_bin.to_string_lossy()),
            ("REPLICA_URL", &store_url(&folder)),
            // What it has to say after it was killed is of no interest.
            ("LOG", "off"),
        ] {
            command.env(format!("B3LB_{name}"), value);
        }
        let child = command
            .current_dir(&folder)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("another daemon cannot start")?;
        let mut daemon = Self { socket, child };
        daemon.has_started().await?;
        Ok(daemon)
    }

    async fn has_started(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        while tokio::net::UnixStream::connect(&self.socket).await.is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("another daemon of the demo has ended with {status}");
            }
            if begun.elapsed() > PATIENCE {
                bail!("another daemon of the demo does not start in time");
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Its process id, while it runs.
    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends it, also one that was stopped by a signal.
    pub(super) async fn stop(mut self) {
        if let Some(pid) = self.child.id().and_then(|it| i32::try_from(it).ok()).and_then(Pid::from_raw) {
            for signal in [Signal::TERM, Signal::CONT] {
                // An error says that it has ended.
                let _ = kill_process(pid, signal);
            }
        }
        if tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}

/// The store beside the folders of the daemons.
pub(super) fn store_url(folder: &Path) -> String {
    format!("file://{}", folder.with_file_name("store").display())
}
