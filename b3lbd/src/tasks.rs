//! Tasks that run as long as the daemon. If one ends or panics, the daemon shuts down and the service manager
//! restarts it, because a daemon that does half of its work would go unnoticed.

use std::future::Future;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// The tasks of a daemon, by name.
#[derive(Debug)]
pub struct Tasks {
    running: Vec<AbortOnDropHandle<()>>,
    ended_tx: mpsc::UnboundedSender<&'static str>,
    ended: mpsc::UnboundedReceiver<&'static str>,
    stop: CancellationToken,
}

impl Default for Tasks {
    fn default() -> Self {
        let (ended_tx, ended) = mpsc::unbounded_channel();
        Self { running: Vec::new(), ended_tx, ended, stop: CancellationToken::new() }
    }
}

impl Tasks {
    /// Tells tasks to stop, those that listen to it.
    pub fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Starts a task.
    pub fn start(&mut self, name: &'static str, run: impl Future<Output = ()> + Send + 'static) {
        self.watch(name, spawn(name, run));
    }

    /// Notices the end of a task.
    fn watch(&mut self, name: &'static str, task: JoinHandle<()>) {
        let (ended_tx, stop) = (self.ended_tx.clone(), self.stop.clone());
        self.running.push(AbortOnDropHandle::new(tokio::spawn(async move {
            match AbortOnDropHandle::new(task).await {
                Ok(()) if stop.is_cancelled() => {}
                Ok(()) => tracing::error!(task = name, "a task ended unexpectedly; the daemon stops"),
                Err(error) => {
                    tracing::error!(task = name, %error, "a task broke down, and the daemon with it");
                }
            }
            // The receiver is gone once the daemon has stopped.
            let _ = ended_tx.send(name);
        })));
    }

    /// Starts a task that goes on when the others are stopped, until its handle is dropped.
    pub fn start_last(
        &mut self,
        name: &'static str,
        run: impl Future<Output = ()> + Send + 'static,
    ) -> AbortOnDropHandle<()> {
        let (alive, ended) = oneshot::channel::<()>();
        let task = AbortOnDropHandle::new(spawn(name, run));
        let task = AbortOnDropHandle::new(tokio::spawn(async move {
            if let Err(error) = task.await {
                tracing::error!(task = name, %error, "a task broke down, and the daemon with it");
            }
            drop(alive);
        }));
        self.watch(name, tokio::spawn(async move { _ = ended.await }));
        task
    }

    /// Waits until a task has ended, and returns its name.
    pub async fn ended(&mut self) -> &'static str {
        match self.ended.recv().await {
            Some(name) => name,
            // Unreachable, because a sender is kept here.
            None => std::future::pending().await,
        }
    }

    /// Cancels the token, waits until the tasks that listen to it have ended, then aborts all others.
    pub async fn stop(mut self, mut stopping: Vec<&'static str>) {
        self.stop.cancel();
        while !stopping.is_empty() {
            let ended = self.ended().await;
            stopping.retain(|it| *it != ended);
        }
    }
}

fn spawn(name: &'static str, run: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    if is_to_panic(name) { tokio::spawn(panic_soon(name)) } else { tokio::spawn(run) }
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
