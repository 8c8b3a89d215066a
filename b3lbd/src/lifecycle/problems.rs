//! Collects the facts about which the rules of [`problems`](crate::problems) decide.

use std::collections::HashMap;
use std::sync::Arc;

use super::Core;
use crate::bbb::Failure;
use crate::model::{Catalog, EventKind, NodeId, ProblemKind, Secret, SecretId, Severity, Tenant};
use crate::problems::{Affected, Facts, LimitFacts, NodeFacts, Refused, find};
use crate::state::{Limit, Meeting, NodeCell, OpenProblem};

/// Number of polls that the rules look at: more than a minute at the shortest usual interval.
const POLLS: usize = 64;

impl Core {
    /// Applies the rules to the current state, and records what has changed as events.
    pub async fn find_problems(&self) {
        // If it cannot be read, the database has a problem of its own.
        let oldest = self.store.oldest_callback().await.unwrap_or_default();
        let facts = self.facts(oldest);
        let changes = self.pool.problems.update(find(&facts), self.pool.clock.wall_ms());
        let is_news = |it: &OpenProblem| !has_events_of_its_own(it.finding.kind);
        for it in changes.opened.into_iter().filter(is_news) {
            self.record_event(EventKind::System, it.finding.severity, it.finding.subject, it.finding.text);
        }
        for it in changes.closed.into_iter().filter(is_news) {
            let text = format!("no longer: {}", it.finding.text);
            self.record_event(EventKind::System, Severity::Info, it.finding.subject, text);
        }
    }

    fn facts(&self, oldest_callback: Option<i64>) -> Facts {
        let pool = &self.pool;
        let (catalog, now) = (pool.catalog(), pool.clock.now());
        let nodes = catalog.nodes.values().filter_map(|node| {
            let cell = pool.fleet.cell(node.id)?;
            Some(self.node_facts(node.id, node.fqdn(), node.maintenance, &cell))
        });
        Facts {
            nodes: nodes.collect(),
            outage: pool.outage_of_ours(),
            store_error: self.store.last_error(),
            replication: pool.standing.problems(),
            refusals: pool.refusals.lately(now),
            limits: self.limits(&catalog, now),
            callback_waits: oldest_callback.map(|at| now - pool.clock.at_wall_ms(at)),
        }
    }

    fn node_facts(&self, id: NodeId, name: String, maintenance: bool, cell: &NodeCell) -> NodeFacts {
        let live = cell.live();
        let now = self.pool.clock.wall_ms();
        #[expect(clippy::cast_precision_loss, reason = "an hour of milliseconds fits")]
        let age = |at: i64| (now - at) as f64 / 1000.0;
        let polls = cell.history.samples().into_iter().rev().take(POLLS);
        NodeFacts {
            name,
            state: live.health.state(),
            maintenance,
            last_error: live.last_error.clone(),
            rejects_us: live.rejects_us,
            polls: polls.map(|it| (age(it.at), it.cpu)).collect(),
            unreadable: live.left_out,
            unbound: u32::try_from(cell.strays()).unwrap_or(u32::MAX),
            affected: affected(&self.pool.registry.on_node(id)),
        }
    }

    fn limits(&self, catalog: &Catalog, now: f64) -> Vec<LimitFacts> {
        let owners: HashMap<SecretId, (&Arc<Tenant>, &Arc<Secret>)> = catalog
            .tenants
            .values()
            .flat_map(|tenant| tenant.secrets.values().map(move |secret| (secret.id, (tenant, secret))))
            .collect();
        let mut facts: Vec<LimitFacts> = Vec::new();
        for (secret, limit, refused) in self.pool.refusals.limits_lately(now) {
            let Some((tenant, secret)) = owners.get(&secret) else { continue };
            let Some(one) = self.limits_of(tenant, secret, limit, refused) else { continue };
            // Several secrets may have met the limit of their tenant.
            match facts.iter_mut().find(|it| (&it.subject, it.what) == (&one.subject, one.what)) {
                Some(known) => known.refused += one.refused,
                None => facts.push(one),
            }
        }
        facts
    }

    /// The limit of the tenant if it has one of this kind, else that of the secret. None if the operator has
    /// lifted it.
    fn limits_of(&self, tenant: &Tenant, secret: &Secret, limit: Limit, refused: u64) -> Option<LimitFacts> {
        let of = |meetings: u32, attendees: u32| match limit {
            Limit::Meetings => meetings,
            Limit::Attendees => attendees,
        };
        let (of_tenant, of_secret) = (
            of(tenant.meeting_limit, tenant.attendee_limit),
            of(secret.meeting_limit, secret.attendee_limit),
        );
        let (subject, most, secrets) = match (of_tenant, of_secret) {
            (0, 0) => return None,
            (0, most) => (format!("secret {}", secret.label), most, vec![secret.id]),
            (most, _) => {
                (format!("tenant {}", tenant.slug), most, tenant.secrets.values().map(|it| it.id).collect())
            }
        };
        let affected = affected(&self.pool.registry.of_secrets(secrets));
        let (what, now) = match limit {
            Limit::Meetings => ("meetings", affected.meetings),
            Limit::Attendees => ("attendees", affected.attendees),
        };
        Some(LimitFacts { subject, what, limit: most.into(), now, refused, affected })
    }
}

/// Problems whose beginning and end are recorded where they are noticed.
fn has_events_of_its_own(kind: ProblemKind) -> bool {
    matches!(
        kind,
        ProblemKind::Store
            | ProblemKind::Outage
            | ProblemKind::NodeDown
            | ProblemKind::NodeSuspect
            | ProblemKind::NodeRejectsUs
            | ProblemKind::MeetingsUnreadable
            | ProblemKind::MeetingsUnbound
    )
}

fn affected(meetings: &[Arc<Meeting>]) -> Affected {
    Affected {
        meetings: meetings.len() as u64,
        attendees: meetings.iter().map(|it| it.attendees()).sum(),
        tenants: meetings.iter().map(|it| it.owner.label.slug.clone()).collect(),
    }
}

/// The reason of a refusal that the pool is to blame for; none if it is the request.
pub(super) fn refused(failure: &Failure) -> Option<Refused> {
    [
        (Failure::NO_NODE, Refused::NoNode),
        (Failure::ID_NOT_UNIQUE, Refused::IdTaken),
        (Failure::STORE, Refused::Store),
        (Failure::NODE_SILENT, Refused::NodeSilent),
        (Failure::UNKNOWN_OUTCOME, Refused::NodeSilent),
        (Failure::PRIMARY_UNAVAILABLE, Refused::NoPrimary),
    ]
    .into_iter()
    .find_map(|(it, why)| (it == *failure).then_some(why))
}
