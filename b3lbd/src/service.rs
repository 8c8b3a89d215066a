//! What the service manager wants to know, and the socket that it may hand over.

use std::time::Duration;

use listenfd::ListenFd;
use sd_notify::NotifyState;
use tokio::net::TcpListener;

/// The listening socket of a socket unit, if there is one.
pub fn handed_over() -> std::io::Result<Option<TcpListener>> {
    let Some(listener) = ListenFd::from_env().take_tcp_listener(0)? else { return Ok(None) };
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener).map(Some)
}

/// Everything is bound and runs.
pub fn ready() {
    notify(NotifyState::Ready);
}

/// What runs may finish.
pub fn stopping() {
    notify(NotifyState::Stopping);
}

/// How long the service manager waits for a sign of life, if it does.
pub fn watchdog_limit() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

/// Shows signs of life for as long as the async workers get their turn.
pub async fn watchdog(limit: Duration) {
    let mut ticks = tokio::time::interval((limit / 2).max(Duration::from_millis(10)));
    loop {
        ticks.tick().await;
        notify(NotifyState::Watchdog);
    }
}

fn notify(state: NotifyState<'_>) {
    // Without a service manager nobody listens.
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "the service manager was not told");
    }
}

/// Connections of clients for which there is a use.
const MOST_CONNECTIONS: u64 = 10_000;
/// File handles that are for nodes, the database and tools.
const OTHER_FILES: u64 = 2_500;

/// Takes as many file handles as the system gives; how many connections of clients there may then be.
pub fn most_connections() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Without it there are fewer.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let most = files.saturating_sub(OTHER_FILES).max(files / 2).min(MOST_CONNECTIONS);
    usize::try_from(most).unwrap_or(usize::MAX)
}
