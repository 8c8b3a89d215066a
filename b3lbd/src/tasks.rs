//! Tasks that run as long as the daemon. If one ends or panics, the daemon shuts down and the service manager
//! restarts it, because a daemon that does half of its work would go unnoticed.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// The tasks of a daemon, by name.
#[derive(Debug)]
pub struct Tasks {
    running: Vec<AbortOnDropHandle<()>>,
    ended_tx: mpsc::UnboundedSender<&'static str>,
    ended: mpsc::UnboundedReceiver<&'static str>,
    /// Set once tasks are expected to end.
    is_stopping: Arc<AtomicBool>,
}

impl Default for Tasks {
    fn default() -> Self {
        let (ended_tx, ended) = mpsc::unbounded_channel();
        Self { running: Vec::new(), ended_tx, ended, is_stopping: Arc::default() }
    }
}

impl Tasks {
    /// Starts a task.
    pub fn start(&mut self, name: &'static str, run: impl Future<Output = ()> + Send + 'static) {
        let task = if is_to_panic(name) { tokio::spawn(panic_soon(name)) } else { tokio::spawn(run) };
        let (ended_tx, is_stopping) = (self.ended_tx.clone(), Arc::clone(&self.is_stopping));
        self.running.push(AbortOnDropHandle::new(tokio::spawn(async move {
            match AbortOnDropHandle::new(task).await {
                Ok(()) if is_stopping.load(Ordering::Relaxed) => {}
                Ok(()) => tracing::error!(task = name, "a task ended unexpectedly; the daemon stops"),
                Err(error) => {
                    tracing::error!(task = name, %error, "a task panicked; the daemon stops");
                }
            }
            // The receiver is gone once the daemon has stopped.
            let _ = ended_tx.send(name);
        })));
    }

    /// Waits until a task has ended, and returns its name.
    pub async fn ended(&mut self) -> &'static str {
        match self.ended.recv().await {
            Some(name) => name,
            // Unreachable, because a sender is kept here.
            None => std::future::pending().await,
        }
    }

    /// Waits until the tasks that were told to stop have ended, then aborts all others.
    pub async fn stop(mut self, mut stopping: Vec<&'static str>) {
        self.is_stopping.store(true, Ordering::Relaxed);
        while !stopping.is_empty() {
            let ended = self.ended().await;
            stopping.retain(|it| *it != ended);
        }
    }
}

/// Whether a test wants the task to panic.
fn is_to_panic(name: &str) -> bool {
    cfg!(debug_assertions) && std::env::var("B3LB_TEST_PANIC").is_ok_and(|task| task == name)
}

#[expect(clippy::panic, reason = "asked for by a test")]
async fn panic_soon(name: &str) {
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    panic!("the task {name} was told to panic");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn finding_16_a_task_that_ends_or_panics_is_named() {
        let mut tasks = Tasks::default();
        tasks.start("lives", std::future::pending());
        tasks.start("ends", async {});
        assert_eq!(tasks.ended().await, "ends");
        tasks.start("panics", async { assert_eq!(1, 2, "it breaks down") });
        assert_eq!(tasks.ended().await, "panics");
    }
}
