//! What needs attention from an operator: rules that turn facts into problems. Pure.

mod nodes;
mod pool;

use std::collections::BTreeSet;

pub use nodes::NodeFacts;
pub use pool::{LimitFacts, RefusalFacts, Refused};

use crate::model::{NodeState, ProblemKind, Severity, TenantSlug};

/// Everything that the rules look at.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// All nodes.
    pub nodes: Vec<NodeFacts>,
    /// Whether most nodes fail at once.
    pub outage: bool,
    /// Why the database accepts no writes.
    pub store_error: Option<String>,
    /// What is wrong with the copies of the database.
    pub replication: Vec<String>,
    /// Creates that were refused lately.
    pub refusals: Vec<RefusalFacts>,
    /// Limits that refused creates lately.
    pub limits: Vec<LimitFacts>,
    /// How many seconds the callback has been waiting that waits longest.
    pub callback_waits: Option<f64>,
}

/// A problem, apart from when it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of problem it is.
    pub kind: ProblemKind,
    /// How bad it is.
    pub severity: Severity,
    /// The object concerned.
    pub subject: String,
    /// How often it happened.
    pub count: u64,
    /// Who is affected.
    pub affected: Affected,
    /// What is wrong, in words.
    pub text: String,
    /// What to do.
    pub advice: &'static str,
}

/// Who is affected by a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// Running meetings.
    pub meetings: u64,
    /// Attendees in these.
    pub attendees: u64,
    /// Their tenants.
    pub tenants: BTreeSet<TenantSlug>,
}

impl Finding {
    fn new(kind: ProblemKind, severity: Severity, subject: &str, text: String, advice: &'static str) -> Self {
        Self {
            kind,
            severity,
            subject: subject.to_owned(),
            count: 1,
            affected: Affected::default(),
            text,
            advice,
        }
    }

    fn affecting(self, affected: &Affected) -> Self {
        Self { affected: affected.clone(), ..self }
    }
}

/// All problems, the gravest first.
pub fn find(facts: &Facts) -> Vec<Finding> {
    let mut found = pool::find(facts);
    found.extend(facts.nodes.iter().flat_map(nodes::find));
    let gravity = |it: &Finding| (std::cmp::Reverse(it.severity), it.kind, it.subject.clone());
    found.sort_by_cached_key(gravity);
    found
}

/// Nodes that are not in maintenance and in one of these states.
fn count_in(nodes: &[NodeFacts], states: &[NodeState]) -> usize {
    nodes.iter().filter(|it| !it.maintenance && states.contains(&it.state)).count()
}
