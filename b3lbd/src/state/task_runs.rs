//! When each task of the daemon last ran.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// The last run of each task, in milliseconds since 1970.
#[derive(Debug, Default)]
pub struct TaskRuns(Mutex<BTreeMap<&'static str, i64>>);

impl TaskRuns {
    /// Records that a task runs.
    pub fn note(&self, task: &'static str, now: i64) {
        self.0.lock().insert(task, now);
    }

    /// All tasks that have run, sorted by name.
    pub fn all(&self) -> Vec<(&'static str, i64)> {
        self.0.lock().iter().map(|(task, at)| (*task, *at)).collect()
    }
}
