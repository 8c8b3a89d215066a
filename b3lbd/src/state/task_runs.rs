//! When each of the daemon's tasks did its work last.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// The last run of each task, in milliseconds since 1970.
#[derive(Debug, Default)]
pub struct TaskRuns(Mutex<BTreeMap<&'static str, i64>>);

impl TaskRuns {
    /// A task begins its work.
    pub fn note(&self, task: &'static str, now: i64) {
        self.0.lock().insert(task, now);
    }

    /// All tasks that have worked so far, in order of name.
    pub fn all(&self) -> Vec<(&'static str, i64)> {
        self.0.lock().iter().map(|(task, at)| (*task, *at)).collect()
    }
}
