//! Waiting for what must come, however slow the machine is.

use std::future::Future;
use std::time::{Duration, Instant};

/// Far longer than anything takes; only a failing test waits for it.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Looks again and again until `look` finds something.
///
/// # Panics
/// If it does not come, with `what` in the message.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
