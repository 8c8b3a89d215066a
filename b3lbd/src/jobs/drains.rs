//! Ends the meetings that are left on a node when the time of its drain is over, after a warning in their chats.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::lifecycle::Core;
use crate::model::{Drain, DrainStep, EventKind, Node, NodeId, Severity, Subject};
use crate::store::AuditNote;

const EVERY: Duration = Duration::from_secs(1);
/// Pause before meetings that could not be ended are ended again, in milliseconds.
const AGAIN: i64 = 30_000;

/// When the meetings of a drain were warned. Not stored: after a restart they are warned once more.
struct Warned {
    /// The drain that it was for. A new one of the same node warns again.
    since: i64,
    at: i64,
    /// When the meetings were ended the last time.
    ended_at: Option<i64>,
}

/// Follows drains forever.
pub async fn follow_drains(core: Arc<Core>) {
    let mut warned: HashMap<NodeId, Warned> = HashMap::new();
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        core.pool.task_runs.note("drains", core.pool.clock.wall_ms());
        if !core.pool.standing.may_act() {
            continue;
        }
        let nodes: Vec<_> = core.pool.catalog().nodes.values().cloned().collect();
        let since =
            |id: &NodeId| nodes.iter().find(|it| it.id == *id).and_then(|it| Some(it.drain.as_ref()?.since));
        warned.retain(|id, it| since(id) == Some(it.since));
        for node in &nodes {
            if let Some(drain) = &node.drain {
                follow(&core, node, drain, &mut warned).await;
            }
        }
    }
}

async fn follow(core: &Arc<Core>, node: &Node, drain: &Drain, warned: &mut HashMap<NodeId, Warned>) {
    let now = core.pool.clock.wall_ms();
    match drain.next_step(warned.get(&node.id).map(|it| it.at), now) {
        DrainStep::Wait => {}
        DrainStep::Warn(end) => {
            let (told, all) = core.tell_meetings(node.id, &warning(end - now)).await;
            warned.insert(node.id, Warned { since: drain.since, at: now, ended_at: None });
            if all > 0 {
                let text = format!("its meetings will be ended: {told} of {all} were told so in their chats");
                core.record_event(EventKind::Node, Severity::Info, format!("node {}", node.fqdn()), text);
            }
        }
        DrainStep::End => {
            let Some(warned) = warned.get_mut(&node.id) else { return };
            let ended_lately = warned.ended_at.is_some_and(|it| now - it < AGAIN);
            if !ended_lately && !core.bound_to(node.id).is_empty() {
                warned.ended_at = Some(now);
                end(core, node, drain).await;
            }
        }
    }
}

async fn end(core: &Arc<Core>, node: &Node, drain: &Drain) {
    let (ended, failed) = core.evacuate(node.id).await;
    tracing::info!(node = %node.fqdn(), ended, failed = failed.len(), "a drain has ended meetings");
    let severity = if failed.is_empty() { Severity::Info } else { Severity::Warning };
    let not =
        if failed.is_empty() { String::new() } else { format!(", {} could not be ended", failed.len()) };
    let text = format!("the time of its drain is over: meetings ended: {ended}{not}");
    core.record_event(EventKind::Node, severity, format!("node {}", node.fqdn()), text);
    let note = AuditNote {
        at: core.pool.clock.wall_ms(),
        who: drain.who.clone(),
        origin: "node drain".to_owned(),
        action: "node evacuate",
        subject: Subject::Node(node.fqdn()),
        values: Some((serde_json::Value::Null, json!({ "ended": ended, "failed": failed.len() }))),
    };
    if let Err(error) = core.store.audit(note).await {
        tracing::warn!(%error, "the end of a drain is not in the audit log");
    }
}

/// The message in the chat of a meeting that is ended in this number of milliseconds.
fn warning(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    let when = match seconds {
        ..2 => "in a moment".to_owned(),
        2..90 => format!("in {seconds} seconds"),
        _ => format!("in {} minutes", (seconds + 30) / 60),
    };
    format!(
        "This meeting will be ended {when}, because its server goes into maintenance. \
         You can start it again right afterwards, on another server."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warning_says_when() {
        assert!(warning(600_000).contains("ended in 10 minutes,"));
        assert!(warning(60_000).contains("ended in 60 seconds,"));
        assert!(warning(-5).contains("ended in a moment,"));
    }
}
