//! Service manager notifications, and socket activation.

use std::time::Duration;

use listenfd::ListenFd;
use sd_notify::NotifyState;
use tokio::net::TcpListener;

/// The listening socket passed by a socket unit, if there is one.
pub fn handed_over() -> std::io::Result<Option<TcpListener>> {
    let Some(listener) = ListenFd::from_env().take_tcp_listener(0)? else { return Ok(None) };
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener).map(Some)
}

/// Reports that everything is bound and running.
pub fn ready() {
    notify(NotifyState::Ready);
}

/// Reports that the daemon stops.
pub fn stopping() {
    notify(NotifyState::Stopping);
}

/// The watchdog timeout of the service manager, if enabled.
pub fn watchdog_limit() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

/// Sends watchdog notifications while the async workers make progress.
pub async fn watchdog(limit: Duration) {
    let mut ticks = tokio::time::interval((limit / 2).max(Duration::from_millis(10)));
    loop {
        ticks.tick().await;
        notify(NotifyState::Watchdog);
    }
}

fn notify(state: NotifyState<'_>) {
    // Fails if there is no service manager.
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "the service manager was not told");
    }
}

/// File descriptors reserved for nodes, the database and tools.
const OTHER_FILES: u64 = 2_500;

/// Raises the limit of file descriptors, and returns the resulting number of client connections.
pub fn raise_file_limit() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // If this fails, fewer connections are accepted.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let most = files.saturating_sub(OTHER_FILES).max(files / 2);
    usize::try_from(most).unwrap_or(usize::MAX)
}
