//! Tasks that run for as long as the daemon does.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

/// Before a task that broke down begins again.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs a task under a name, and begins it anew if it panics. Aborting the handle stops the task.
pub fn supervise<F>(name: &'static str, begin: impl Fn() -> F + Send + 'static) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        while let Err(error) = AbortOnDropHandle::new(tokio::spawn(begin())).await {
            tracing::error!(task = name, %error, "a task broke down and begins anew");
            tokio::time::sleep(PAUSE).await;
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn finding_16_a_task_that_panics_begins_anew() {
        let begun = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&begun);
        let task = supervise("test", move || {
            let n = count.fetch_add(1, Ordering::Relaxed);
            async move { assert!(n >= 2, "the first two break down") }
        });
        task.await.unwrap();
        assert_eq!(begun.load(Ordering::Relaxed), 3);
    }
}
