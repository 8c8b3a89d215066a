//! Records events in the journal that dashboards follow.

use crate::model::{EventKind, JournalEntry, Node, NodeState, Severity};

use super::Core;

impl<S, N> Core<S, N> {
    /// Records an event.
    pub fn record_event(
        &self,
        kind: EventKind,
        severity: Severity,
        subject: impl Into<String>,
        text: impl Into<String>,
    ) {
        let what = JournalEntry::new(kind, severity, subject, text);
        self.pool.journal.note(self.pool.clock.wall_ms(), what);
    }

    /// Logs and records that a node has changed its state.
    pub fn node_changed(&self, node: &Node, before: NodeState, now: NodeState, reason: Option<&str>) {
        if before == now {
            return;
        }
        let name = node.fqdn();
        let (before, state) = (before.as_str(), now.as_str());
        let severity = match now {
            NodeState::Up | NodeState::Unknown => Severity::Info,
            NodeState::Suspect => Severity::Warning,
            NodeState::Down => Severity::Error,
        };
        match reason {
            Some(error) => tracing::warn!(node = %name, before, state, %error, "node changed its state"),
            None => tracing::info!(node = %name, before, state, "node changed its state"),
        }
        let why = reason.map(|it| format!(": {it}")).unwrap_or_default();
        self.record_event(
            EventKind::Node,
            severity,
            format!("node {name}"),
            format!("{state}, was {before}{why}"),
        );
    }
}
