//! Records events in the journal that dashboards follow.

use crate::health::State;
use crate::model::Node;
use crate::state::{JournalEntry, Severity, Topic};

use super::Core;

impl<S, N> Core<S, N> {
    /// Records an event.
    pub fn record_event(
        &self,
        topic: Topic,
        severity: Severity,
        subject: impl Into<String>,
        text: impl Into<String>,
    ) {
        let what = JournalEntry::new(topic, severity, subject, text);
        self.pool.journal.note(self.pool.clock.wall_ms(), what);
    }

    /// Logs and records that a node has changed its state.
    pub fn node_changed(&self, node: &Node, before: State, now: State, reason: Option<&str>) {
        if before == now {
            return;
        }
        let name = node.fqdn();
        let (before, state) = (before.as_str(), now.as_str());
        let severity = match now {
            State::Up | State::Unknown => Severity::Info,
            State::Suspect => Severity::Warning,
            State::Down => Severity::Error,
        };
        match reason {
            Some(error) => tracing::warn!(node = %name, before, state, %error, "node changed its state"),
            None => tracing::info!(node = %name, before, state, "node changed its state"),
        }
        let why = reason.map(|it| format!(": {it}")).unwrap_or_default();
        self.record_event(
            Topic::Node,
            severity,
            format!("node {name}"),
            format!("{state}, was {before}{why}"),
        );
    }
}
