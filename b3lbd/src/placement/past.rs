//! Estimates the size of a meeting from past ones.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::{Mean, PastEntry, TenantId};

/// Weight of the latest meeting in a running mean: of a meeting id, a tenant, and overall.
const NEWEST: [f64; 3] = [0.3, 0.02, 0.002];
/// Number of meetings that the tenant's mean counts for when the mean of an id is shrunk towards it.
const ID_SHRINK: f64 = 1.0;
/// Number of meetings that the overall mean counts for when the mean of a tenant is shrunk towards it.
const TENANT_SHRINK: f64 = 10.0;
/// Expected peak attendees before anything was learned.
const PRIOR: f64 = 15.0;
/// Number of meetings that the prior counts for.
const PRIOR_OCCASIONS: u32 = 20;
/// Number of ids per tenant at which ids that were used only once are dropped.
const MAX_IDS: usize = 20_000;
/// Minimum and maximum of any expectation, in attendees.
const BOUNDS: (f64, f64) = (1.0, 500.0);

/// The expected peak number of attendees, and whether it is based on past meetings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expectation {
    /// Peak attendees, 1 to 500.
    pub peak: f64,
    /// Whether this meeting id has a past.
    pub known: bool,
}

impl Expectation {
    /// An expectation given by the client.
    pub fn given(peak: f64) -> Self {
        Self { peak: peak.clamp(BOUNDS.0, BOUNDS.1), known: true }
    }
}

/// Running means of the peak number of attendees, per meeting id, per tenant and overall.
#[derive(Clone, Debug)]
pub struct Past {
    ids: HashMap<TenantId, HashMap<Arc<str>, Mean>>,
    tenants: HashMap<TenantId, Mean>,
    all: Mean,
    /// Ids whose means have changed since they were last taken.
    learned: HashSet<(TenantId, Arc<str>)>,
}

impl Default for Past {
    fn default() -> Self {
        let all = Mean { value: PRIOR, occasions: PRIOR_OCCASIONS };
        Self { ids: HashMap::new(), tenants: HashMap::new(), all, learned: HashSet::new() }
    }
}

impl Past {
    /// Restores stored means.
    pub fn restored(entries: Vec<PastEntry>) -> Self {
        let mut past = Self::default();
        for PastEntry { tenant, id, mean } in entries {
            match (tenant, id) {
                (Some(tenant), Some(id)) => {
                    past.ids.entry(tenant).or_default().insert(id, mean);
                }
                (Some(tenant), None) => {
                    past.tenants.insert(tenant, mean);
                }
                (None, _) => past.all = mean,
            }
        }
        past
    }

    /// Removes and returns the means that have changed since the last call.
    pub fn take_learned(&mut self) -> Vec<PastEntry> {
        let learned = std::mem::take(&mut self.learned);
        let mut entries = Vec::new();
        let tenants: HashSet<TenantId> = learned.iter().map(|(tenant, _)| *tenant).collect();
        if !learned.is_empty() {
            entries.push(PastEntry { tenant: None, id: None, mean: self.all });
        }
        for tenant in tenants {
            let mean = self.tenants.get(&tenant).copied().unwrap_or_default();
            entries.push(PastEntry { tenant: Some(tenant), id: None, mean });
        }
        for (tenant, id) in learned {
            let mean = self.ids.get(&tenant).and_then(|ids| ids.get(&id)).copied().unwrap_or_default();
            entries.push(PastEntry { tenant: Some(tenant), id: Some(id), mean });
        }
        entries
    }

    /// Marks means as changed again, after they could not be stored.
    pub fn not_kept(&mut self, entries: Vec<PastEntry>) {
        self.learned.extend(entries.into_iter().filter_map(|it| Some((it.tenant?, it.id?))));
    }

    /// Learns from a meeting that has ended; `peak` is its maximum number of attendees.
    pub fn learn(&mut self, tenant: TenantId, id: &Arc<str>, peak: f64) {
        self.learned.insert((tenant, Arc::clone(id)));
        let ids = self.ids.entry(tenant).or_default();
        ids.entry(Arc::clone(id)).or_default().learn(peak, NEWEST[0]);
        if ids.len() > MAX_IDS {
            // Ids that are used only once are unlikely to return.
            ids.retain(|_, mean| mean.occasions > 1);
        }
        self.tenants.entry(tenant).or_default().learn(peak, NEWEST[1]);
        self.all.learn(peak, NEWEST[2]);
    }

    /// Keeps only these tenants, because the database may reuse the row id of a removed one.
    pub fn keep(&mut self, tenants: &HashSet<TenantId>) {
        self.ids.retain(|tenant, _| tenants.contains(tenant));
        self.tenants.retain(|tenant, _| tenants.contains(tenant));
        self.learned.retain(|(tenant, _)| tenants.contains(tenant));
    }

    /// The expected peak of an unknown meeting.
    pub fn typical(&self) -> f64 {
        self.all.value
    }

    /// The expected peak of a meeting: the mean of its id shrunk towards the tenant's, which is shrunk
    /// towards the overall mean.
    pub fn expect(&self, tenant: TenantId, id: &Arc<str>) -> Expectation {
        let mut peak = self.all.value;
        if let Some(mean) = self.tenants.get(&tenant) {
            let occasions = f64::from(mean.occasions);
            peak = (occasions * mean.value + TENANT_SHRINK * peak) / (occasions + TENANT_SHRINK);
        }
        let own = self.ids.get(&tenant).and_then(|ids| ids.get(id));
        if let Some(mean) = own {
            let occasions = f64::from(mean.occasions).min(1.0 / NEWEST[0]);
            peak = (occasions * mean.value + ID_SHRINK * peak) / (occasions + ID_SHRINK);
        }
        Expectation { peak: peak.clamp(BOUNDS.0, BOUNDS.1), known: own.is_some() }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "bounds are exact")]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_past_counts_more() {
        let (tenant, room): (_, Arc<str>) = (TenantId(1), "room".into());
        let mut past = Past::default();
        assert_eq!(past.expect(tenant, &room), Expectation { peak: 15.0, known: false });
        for _ in 0..20 {
            past.learn(tenant, &room, 100.0);
        }
        let known = past.expect(tenant, &room);
        assert!(known.known && known.peak > 90.0, "{known:?}");
        let sibling = past.expect(tenant, &"other".into());
        assert!(!sibling.known && (60.0..90.0).contains(&sibling.peak), "{sibling:?}");
        let stranger = past.expect(TenantId(2), &room);
        assert!(!stranger.known && stranger.peak < 70.0, "{stranger:?}");
    }

    #[test]
    fn what_was_taken_can_be_restored() {
        let mut past = Past::default();
        past.learn(TenantId(1), &"room".into(), 40.0);
        let taken = past.take_learned();
        assert_eq!(taken.len(), 3);
        let again = Past::restored(taken.clone());
        for (tenant, id) in [(1, "room"), (1, "other"), (2, "room")] {
            assert_eq!(again.expect(TenantId(tenant), &id.into()), past.expect(TenantId(tenant), &id.into()));
        }
        assert!(past.take_learned().is_empty());
        past.not_kept(taken);
        assert_eq!(past.take_learned().len(), 3);
    }

    #[test]
    fn expectations_are_bounded() {
        assert_eq!(Expectation::given(1e9).peak, 500.0);
        assert_eq!(Expectation::given(-3.0).peak, 1.0);
    }
}
