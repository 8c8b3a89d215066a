//! Tasks that end with their handle.

use tokio::task::JoinHandle;

/// A task that is aborted when this is dropped.
pub(crate) struct Task(JoinHandle<()>);

impl Task {
    pub(crate) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    /// Waits until the task has ended by itself.
    pub(crate) async fn ended(mut self) {
        // An error would say that it has panicked; then it has ended, too.
        let _ = (&mut self.0).await;
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
