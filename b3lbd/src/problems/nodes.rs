//! Problems of one node. One in maintenance has none, whatever else it is.

use super::{Affected, Finding};
use crate::model::{NodeState, ProblemKind, Severity};

/// CPU use from which a node counts as overloaded, in units of 0.01 %.
const BUSY: u32 = 9_000;
/// Seconds for which it must have been so.
const BUSY_FOR: f64 = 60.0;
/// Polls in a row without a CPU load after which it counts as unknown.
const POLLS_WITHOUT_LOAD: usize = 6;

/// What the rules look at.
#[derive(Clone, Debug)]
pub struct NodeFacts {
    /// Its name.
    pub name: String,
    /// Its health.
    pub state: NodeState,
    /// Whether it takes no new meetings because an operator said so.
    pub maintenance: bool,
    /// Why the last poll failed.
    pub last_error: Option<String>,
    /// It answers, but rejects our signature.
    pub rejects_us: bool,
    /// Ages in seconds and CPU use of its polls, newest first.
    pub polls: Vec<(f64, Option<u32>)>,
    /// Meetings of its list that cannot be read.
    pub unreadable: u32,
    /// Meetings that cannot be bound to their owner.
    pub unbound: u32,
    /// The meetings bound to it.
    pub affected: Affected,
}

pub(super) fn find(node: &NodeFacts) -> Vec<Finding> {
    if node.maintenance {
        return Vec::new();
    }
    let subject = format!("node {}", node.name);
    let finding = |kind, severity, text: String, advice| {
        Finding::new(kind, severity, &subject, text, advice).affecting(&node.affected)
    };
    let why = node.last_error.as_deref().map(|error| format!(": {error}")).unwrap_or_default();
    let health = match node.state {
        _ if node.rejects_us => Some(finding(
            ProblemKind::NodeRejectsUs,
            Severity::Error,
            "rejects our secret".to_owned(),
            "compare the secret with `bbb-conf --secret` on the node, then `b3lb-cli node set NODE --secret -`",
        )),
        NodeState::Down => Some(finding(
            ProblemKind::NodeDown,
            Severity::Error,
            format!("is down{why}"),
            "`b3lb-cli node check NODE` tells where it fails; new meetings are placed elsewhere",
        )),
        NodeState::Suspect => Some(finding(
            ProblemKind::NodeSuspect,
            Severity::Warning,
            format!("is suspect{why}"),
            "wait for the next polls, or `b3lb-cli node check NODE`",
        )),
        NodeState::Up | NodeState::Unknown => None,
    };
    let is_up = node.state == NodeState::Up;
    let overloaded = (is_up && is_overloaded(&node.polls)).then(|| {
        finding(
            ProblemKind::NodeOverloaded,
            Severity::Warning,
            format!("has had its CPU above {} % for a minute", BUSY / 100),
            "`b3lb-cli node drain NODE` keeps new meetings away; more nodes help",
        )
    });
    let no_load = is_up
        && node.polls.len() >= POLLS_WITHOUT_LOAD
        && node.polls.iter().take(POLLS_WITHOUT_LOAD).all(|(_, cpu)| cpu.is_none());
    let load_unknown = no_load.then(|| {
        finding(
            ProblemKind::NodeLoadUnknown,
            Severity::Warning,
            "does not tell its CPU load".to_owned(),
            "run share/node/install on the node; `b3lb-cli node check NODE` tells what its load URL answers",
        )
    });
    let unreadable = (node.unreadable > 0).then(|| {
        let text = match node.unreadable {
            1 => "1 meeting of its list cannot be read".to_owned(),
            n => format!("{n} meetings of its list cannot be read"),
        };
        let advice = "a client has set a name that is not XML; the log of b3lbd has the details";
        Finding {
            count: node.unreadable.into(),
            ..finding(ProblemKind::MeetingsUnreadable, Severity::Warning, text, advice)
        }
    });
    let unbound = (node.unbound > 0).then(|| {
        let text = match node.unbound {
            1 => "1 meeting is bound to nobody".to_owned(),
            n => format!("{n} meetings are bound to nobody"),
        };
        let advice = "`b3lb-cli events` tells which and why; they end by themselves when everybody has left";
        Finding {
            count: node.unbound.into(),
            ..finding(ProblemKind::MeetingsUnbound, Severity::Warning, text, advice)
        }
    });
    [health, overloaded, load_unknown, unreadable, unbound].into_iter().flatten().collect()
}

/// Whether all polls of the last minute found the CPU busy.
fn is_overloaded(polls: &[(f64, Option<u32>)]) -> bool {
    let busy = polls.iter().take_while(|(_, cpu)| cpu.is_some_and(|cpu| cpu >= BUSY));
    busy.last().is_some_and(|(age, _)| *age >= BUSY_FOR)
}
