//! Problems of the pool and of the daemon.

use std::collections::BTreeMap;

use strum::IntoStaticStr;

use super::{Affected, Facts, Finding, count_in};
use crate::model::{NodeState, ProblemKind, Severity, TenantSlug};

/// Seconds after which a waiting callback is late.
const LATE: f64 = 600.0;
/// Number of tenants that a text names.
const NAMED: usize = 3;

/// Why creates are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Refused {
    /// No node accepts meetings.
    NoNode,
    /// Somebody else has a meeting with that id on every node.
    IdTaken,
    /// The database did not accept the meeting.
    Store,
    /// The node did not answer, or not like BBB.
    NodeSilent,
    /// The daemon cannot know whether it is the primary.
    NoPrimary,
}

impl Refused {
    /// The name used in metrics.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    fn why(self) -> &'static str {
        match self {
            Self::NoNode => "no node available",
            Self::IdTaken => "the meeting id is taken on every node",
            Self::Store => "the database accepts no writes",
            Self::NodeSilent => "the node did not answer",
            Self::NoPrimary => "the primary is not available",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::NoNode => "`b3lb-cli node list` tells which nodes are up, and in the tenant's group",
            Self::IdTaken => "several tenants use the same meeting ids: add nodes, or let one of them change",
            Self::Store => "see the problem of the database",
            Self::NodeSilent => "`b3lb-cli node check NODE` for the nodes that are suspect or slow",
            Self::NoPrimary => "see the problem of the store",
        }
    }
}

/// Creates that were refused lately for one reason.
#[derive(Clone, Debug)]
pub struct RefusalFacts {
    /// Why.
    pub why: Refused,
    /// How many, by tenant.
    pub tenants: BTreeMap<TenantSlug, u64>,
}

/// A limit that refused creates lately.
#[derive(Clone, Debug)]
pub struct LimitFacts {
    /// The owner of the limit, such as `tenant FOO` or `secret FOO-001`.
    pub subject: String,
    /// What is limited: `meetings` or `attendees`.
    pub what: &'static str,
    /// The limit.
    pub limit: u64,
    /// How many there are now.
    pub now: u64,
    /// How many creates were refused.
    pub refused: u64,
    /// Meetings and attendees of the owner.
    pub affected: Affected,
}

pub(super) fn find(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(error) = &facts.store_error {
        found.push(Finding::new(
            ProblemKind::Store,
            Severity::Error,
            "database",
            format!("takes no writes: {error}"),
            "running meetings go on; check the disk and its space, then the log of b3lbd",
        ));
    }
    let replication = facts.replication.iter().map(|text| {
        let advice = "check the store of B3LB_REPLICA_URL, and the log of b3lbd";
        Finding::new(ProblemKind::Replication, Severity::Error, "store", text.clone(), advice)
    });
    found.extend(replication);
    if facts.outage {
        found.push(Finding::new(
            ProblemKind::Outage,
            Severity::Error,
            "network",
            "most nodes fail at once: probably our own network".to_owned(),
            "check this machine's network and name resolution; nodes are not taken out meanwhile",
        ));
    }
    found.extend(no_node(facts));
    found.extend(refused(&facts.refusals));
    found.extend(facts.limits.iter().map(limit));
    if let Some(seconds) = facts.callback_waits.filter(|it| *it >= LATE) {
        found.push(Finding::new(
            ProblemKind::CallbacksLate,
            Severity::Warning,
            "callbacks",
            format!("one has been waiting for {:.0} minutes", seconds / 60.0),
            "its receiver does not answer: `b3lb-cli events` names it",
        ));
    }
    found
}

fn no_node(facts: &Facts) -> Option<Finding> {
    let nodes = &facts.nodes;
    let text = match nodes.len() {
        0 => "there are no nodes",
        _ if nodes.iter().all(|it| it.maintenance) => "all nodes are in maintenance",
        _ if count_in(nodes, &[NodeState::Up, NodeState::Unknown]) == 0 => "no node is up",
        _ => return None,
    };
    let advice = "`b3lb-cli node list` shows them; `node add` and `node maintenance off` help";
    Some(Finding::new(ProblemKind::NoNode, Severity::Error, "pool", text.to_owned(), advice))
}

fn refused(refusals: &[RefusalFacts]) -> Option<Finding> {
    let mut reasons: Vec<(u64, Refused)> =
        refusals.iter().map(|it| (it.tenants.values().sum(), it.why)).collect();
    reasons.sort_by_key(|(count, why)| (std::cmp::Reverse(*count), *why));
    let (_, first) = *reasons.first()?;
    let mut tenants: BTreeMap<TenantSlug, u64> = BTreeMap::new();
    for (slug, count) in refusals.iter().flat_map(|it| &it.tenants) {
        *tenants.entry(slug.clone()).or_default() += count;
    }
    let count: u64 = tenants.values().sum();
    let creates = if count == 1 { "1 create".to_owned() } else { format!("{count} creates") };
    let why = match reasons.as_slice() {
        [_] => first.why().to_owned(),
        all => all
            .iter()
            .map(|(count, why)| format!("{count} times {}", why.why()))
            .collect::<Vec<_>>()
            .join(", "),
    };
    let text = format!("{creates} refused: {why} ({})", named(&tenants));
    let affected = Affected { tenants: tenants.into_keys().collect(), ..Affected::default() };
    let finding = Finding::new(ProblemKind::CreatesRefused, Severity::Error, "pool", text, first.advice());
    Some(Finding { count, ..finding.affecting(&affected) })
}

/// The tenants with the most refusals.
fn named(tenants: &BTreeMap<TenantSlug, u64>) -> String {
    let mut slugs: Vec<_> = tenants.iter().collect();
    slugs.sort_by_key(|(slug, count)| (std::cmp::Reverse(**count), (*slug).clone()));
    let mut names: Vec<_> = slugs.iter().take(NAMED).map(|(slug, _)| slug.to_string()).collect();
    if slugs.len() > NAMED {
        names.push(format!("and {} more", slugs.len() - NAMED));
    }
    names.join(", ")
}

fn limit(facts: &LimitFacts) -> Finding {
    let LimitFacts { subject, what, limit, now, refused, affected } = facts;
    let text = format!("{now} of {limit} {what}, {refused} creates refused");
    let advice =
        "raise the limit by `b3lb-cli tenant set` or `secret set`, or ask the tenant to end meetings";
    let finding = Finding::new(ProblemKind::LimitReached, Severity::Warning, subject, text, advice);
    Finding { count: *refused, ..finding.affecting(affected) }
}

#[cfg(test)]
mod tests {
    use super::super::{NodeFacts, find};
    use super::*;

    fn node(name: &str, state: NodeState) -> NodeFacts {
        NodeFacts {
            name: name.to_owned(),
            state,
            maintenance: false,
            last_error: None,
            rejects_us: false,
            polls: Vec::new(),
            unreadable: 0,
            unbound: 0,
            affected: Affected::default(),
        }
    }

    fn kinds(facts: &Facts) -> Vec<(ProblemKind, String)> {
        find(facts).into_iter().map(|it| (it.kind, it.subject)).collect()
    }

    #[test]
    fn a_sound_pool_has_no_problems_and_maintenance_is_none() {
        let broken = NodeFacts {
            maintenance: true,
            rejects_us: true,
            unreadable: 3,
            unbound: 2,
            polls: vec![(0.0, Some(10_000)), (100.0, Some(10_000))],
            ..node("n2", NodeState::Down)
        };
        let facts = Facts { nodes: vec![node("n1", NodeState::Up), broken], ..Facts::default() };
        assert_eq!(find(&facts), []);
    }

    #[test]
    fn the_gravest_comes_first() {
        let nodes =
            vec![node("b", NodeState::Suspect), node("c", NodeState::Down), node("a", NodeState::Down)];
        let facts = Facts { nodes, store_error: Some("full".into()), ..Facts::default() };
        let expected = [
            (ProblemKind::Store, "database"),
            (ProblemKind::NoNode, "pool"),
            (ProblemKind::NodeDown, "node a"),
            (ProblemKind::NodeDown, "node c"),
            (ProblemKind::NodeSuspect, "node b"),
        ];
        assert_eq!(kinds(&facts), expected.map(|(kind, subject)| (kind, subject.to_owned())));
        assert_eq!(kinds(&Facts::default()), [(ProblemKind::NoNode, "pool".to_owned())]);
    }

    #[test]
    fn load_is_judged_over_a_minute_and_several_polls() {
        let problems = |polls: Vec<(f64, Option<u32>)>| {
            let nodes = vec![NodeFacts { polls, ..node("n", NodeState::Up) }];
            find(&Facts { nodes, ..Facts::default() }).iter().map(|it| it.kind).collect::<Vec<_>>()
        };
        let every_ten = |cpu: &[Option<u32>]| {
            cpu.iter()
                .enumerate()
                .map(|(n, cpu)| (10.0 * f64::from(u32::try_from(n).unwrap()), *cpu))
                .collect()
        };
        assert_eq!(problems(every_ten(&[Some(9_900); 6])), [], "50 s");
        assert_eq!(problems(every_ten(&[Some(9_900); 7])), [ProblemKind::NodeOverloaded]);
        let mut dip = [Some(9_900); 9];
        dip[3] = Some(8_000);
        assert_eq!(problems(every_ten(&dip)), []);
        assert_eq!(problems(every_ten(&[None; 5])), []);
        assert_eq!(problems(every_ten(&[None; 6])), [ProblemKind::NodeLoadUnknown]);
    }

    #[test]
    fn refusals_name_number_reason_and_tenants() {
        let tenants = [("AA", 1), ("BB", 30), ("CC", 5), ("DD", 4)];
        let tenants = tenants.map(|(slug, count)| (slug.parse().unwrap(), count)).into();
        let refusals = vec![RefusalFacts { why: Refused::NoNode, tenants }];
        let found = find(&Facts { nodes: vec![node("n", NodeState::Up)], refusals, ..Facts::default() });
        assert_eq!(found[0].text, "40 creates refused: no node available (BB, CC, DD, and 1 more)");
        assert_eq!((found[0].count, found[0].affected.tenants.len()), (40, 4));
        let of = |why, count| RefusalFacts { why, tenants: [("AA".parse().unwrap(), count)].into() };
        let refusals = vec![of(Refused::NoNode, 1), of(Refused::IdTaken, 2)];
        let found = find(&Facts { nodes: vec![node("n", NodeState::Up)], refusals, ..Facts::default() });
        let expected = "3 creates refused: 2 times the meeting id is taken on every node, 1 times no node available (AA)";
        assert_eq!((found.len(), found[0].text.as_str()), (1, expected));
    }

    #[test]
    fn a_limit_that_was_hit_is_told_with_its_numbers() {
        let limits = vec![LimitFacts {
            subject: "tenant GYM".into(),
            what: "meetings",
            limit: 6,
            now: 6,
            refused: 4,
            affected: Affected { meetings: 6, ..Affected::default() },
        }];
        let found = find(&Facts { nodes: vec![node("n", NodeState::Up)], limits, ..Facts::default() });
        assert_eq!(found[0].text, "6 of 6 meetings, 4 creates refused");
    }
}
