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
    tell(NotifyState::Ready);
}

/// What runs may finish.
pub fn stopping() {
    tell(NotifyState::Stopping);
}

/// Shows signs of life for as long as the async workers get their turn, if a watchdog is set.
pub async fn watchdog() {
    let Some(limit) = sd_notify::watchdog_enabled() else { return };
    let mut ticks = tokio::time::interval((limit / 2).max(Duration::from_millis(10)));
    loop {
        ticks.tick().await;
        tell(NotifyState::Watchdog);
    }
}

fn tell(state: NotifyState<'_>) {
    // Without a service manager nobody listens.
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "the service manager was not told");
    }
}
