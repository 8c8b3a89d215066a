//! A takeover that an operator asks a replica for: its steps as they go.

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use crate::role::Takeover;

/// The steps of a takeover so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// What was done.
    pub done: Vec<String>,
    /// How it ended, once it has: with an error, the daemon is still a replica.
    pub outcome: Option<Result<(), String>>,
}

/// The last takeover of this daemon, or the one that is going on.
#[derive(Debug, Default)]
pub struct Promotion {
    steps: Mutex<Option<Steps>>,
    changes: watch::Sender<()>,
    kind: Mutex<Option<Takeover>>,
    asked: Notify,
}

impl Promotion {
    /// Asks for a takeover; does nothing if one is going on.
    pub fn ask(&self, kind: Takeover) {
        let mut steps = self.steps.lock();
        if steps.as_ref().is_some_and(|it| it.outcome.is_none()) {
            return;
        }
        *steps = Some(Steps::default());
        *self.kind.lock() = Some(kind);
        drop(steps);
        self.asked.notify_one();
    }

    /// Waits until somebody asks for a takeover, and returns its kind.
    pub async fn asked(&self) -> Takeover {
        loop {
            self.asked.notified().await;
            if let Some(kind) = self.kind.lock().take() {
                return kind;
            }
        }
    }

    /// Notes a step that was done.
    pub fn step(&self, text: impl Into<String>) {
        let text = text.into();
        tracing::info!(step = text, "takeover");
        // Nobody has asked for a takeover that is tried again by itself.
        if let Some(steps) = self.steps.lock().as_mut().filter(|it| it.outcome.is_none()) {
            steps.done.push(text);
        }
        self.changes.send_replace(());
    }

    /// Notes how it ended.
    pub fn finish(&self, outcome: Result<(), String>) {
        if let Err(error) = &outcome {
            tracing::error!(error, "the takeover has failed");
        }
        if let Some(steps) = &mut *self.steps.lock() {
            steps.outcome = Some(outcome);
        }
        self.changes.send_replace(());
    }

    /// The steps, as soon as there are more than `seen` of them or it has ended. None if nobody has asked for a
    /// takeover.
    pub async fn more_than(&self, seen: usize) -> Option<Steps> {
        let mut changes = self.changes.subscribe();
        loop {
            changes.borrow_and_update();
            let steps = self.steps.lock().clone()?;
            if steps.done.len() > seen || steps.outcome.is_some() || changes.changed().await.is_err() {
                return Some(steps);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn steps_are_told_as_they_go() {
        let promotion = Promotion::default();
        assert_eq!(promotion.more_than(0).await, None);
        promotion.ask(Takeover::ByHand);
        assert_eq!(promotion.asked().await, Takeover::ByHand);
        let (steps, ()) = tokio::join!(promotion.more_than(0), async { promotion.step("claimed") });
        assert_eq!(steps.unwrap().done, ["claimed"]);
        promotion.ask(Takeover::ByHand);
        promotion.finish(Err("too late".into()));
        let steps = promotion.more_than(1).await.unwrap();
        assert_eq!((steps.done.len(), steps.outcome), (1, Some(Err("too late".to_owned()))));
    }
}
