//! What past meetings say of the size of the next one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::TenantId;

/// Weights of the newest occasion: of a meeting id, a tenant, and all.
const NEWEST: [f64; 3] = [0.3, 0.02, 0.002];
/// How many occasions the tenant's mean counts for when an id's mean is shrunk towards it.
const ID_SHRINK: f64 = 1.0;
/// How many occasions the global mean counts for when a tenant's is shrunk towards it.
const TENANT_SHRINK: f64 = 10.0;
/// Peak attendees of a meeting, before anything was learned.
const PRIOR: f64 = 15.0;
/// How many occasions the prior counts for.
const PRIOR_OCCASIONS: u32 = 20;
/// Ids of a tenant that are remembered before those used once are forgotten.
const MAX_IDS: usize = 20_000;
/// Bounds of any expectation, in attendees.
const BOUNDS: (f64, f64) = (1.0, 500.0);

/// A mean that is plain while few, and then follows the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// How often something was learned.
    pub occasions: u32,
}

impl Mean {
    fn learn(&mut self, peak: f64, newest: f64) {
        let weight = newest.max(1.0 / f64::from(self.occasions.saturating_add(1)));
        self.value += weight * (peak - self.value);
        self.occasions = self.occasions.saturating_add(1);
    }
}

/// How many attendees a meeting will have at its peak, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expectation {
    /// Peak attendees, 1 to 500.
    pub peak: f64,
    /// This meeting id has a past.
    pub known: bool,
}

impl Expectation {
    /// What the client said.
    pub fn given(peak: f64) -> Self {
        Self { peak: peak.clamp(BOUNDS.0, BOUNDS.1), known: true }
    }
}

/// One mean of the past: of a meeting id, of a tenant, or of all.
#[derive(Clone, Debug, PartialEq)]
pub struct PastEntry {
    /// The tenant; none for the mean over all.
    pub tenant: Option<TenantId>,
    /// The meeting id; none for the mean of a tenant.
    pub id: Option<Arc<str>>,
    /// The mean.
    pub mean: Mean,
}

/// Running means of the peak attendee count, per meeting id, per tenant and over all.
#[derive(Clone, Debug)]
pub struct Past {
    ids: HashMap<TenantId, HashMap<Arc<str>, Mean>>,
    tenants: HashMap<TenantId, Mean>,
    all: Mean,
    /// Ids about which something was learned and not taken yet.
    learned: HashSet<(TenantId, Arc<str>)>,
}

impl Default for Past {
    fn default() -> Self {
        let all = Mean { value: PRIOR, occasions: PRIOR_OCCASIONS };
        Self { ids: HashMap::new(), tenants: HashMap::new(), all, learned: HashSet::new() }
    }
}

impl Past {
    /// The past as it was taken earlier.
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

    /// All means that have changed since they were last taken.
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

    /// What was taken could not be kept: it is to be taken again.
    pub fn not_kept(&mut self, entries: Vec<PastEntry>) {
        self.learned.extend(entries.into_iter().filter_map(|it| Some((it.tenant?, it.id?))));
    }

    /// A meeting ended that had `peak` attendees at most.
    pub fn learn(&mut self, tenant: TenantId, id: &Arc<str>, peak: f64) {
        self.learned.insert((tenant, Arc::clone(id)));
        let ids = self.ids.entry(tenant).or_default();
        ids.entry(Arc::clone(id)).or_default().learn(peak, NEWEST[0]);
        if ids.len() > MAX_IDS {
            // Ids that are used once teach nothing about a next time.
            ids.retain(|_, mean| mean.occasions > 1);
        }
        self.tenants.entry(tenant).or_default().learn(peak, NEWEST[1]);
        self.all.learn(peak, NEWEST[2]);
    }

    /// Keeps what is known of these tenants: the database may give the number of a removed one to another.
    pub fn keep(&mut self, tenants: &HashSet<TenantId>) {
        self.ids.retain(|tenant, _| tenants.contains(tenant));
        self.tenants.retain(|tenant, _| tenants.contains(tenant));
        self.learned.retain(|(tenant, _)| tenants.contains(tenant));
    }

    /// The peak of a meeting of which nothing is known.
    pub fn typical(&self) -> f64 {
        self.all.value
    }

    /// What to expect of a meeting: the id's mean shrunk towards the tenant's, that towards the global one.
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
