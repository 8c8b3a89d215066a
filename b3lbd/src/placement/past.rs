//! What past meetings say of the size of the next one.

use std::collections::HashMap;
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
/// Bounds of any expectation, in attendees.
const BOUNDS: (f64, f64) = (1.0, 500.0);

/// A mean that is plain while few, and then follows the newest.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    value: f64,
    occasions: u32,
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

/// Running means of the peak attendee count, per meeting id, per tenant and over all.
#[derive(Clone, Debug)]
pub struct Past {
    ids: HashMap<(TenantId, Arc<str>), Mean>,
    tenants: HashMap<TenantId, Mean>,
    all: Mean,
}

impl Default for Past {
    fn default() -> Self {
        let all = Mean { value: PRIOR, occasions: PRIOR_OCCASIONS };
        Self { ids: HashMap::new(), tenants: HashMap::new(), all }
    }
}

impl Past {
    /// A meeting ended that had `peak` attendees at most.
    pub fn learn(&mut self, tenant: TenantId, id: &Arc<str>, peak: f64) {
        self.ids.entry((tenant, Arc::clone(id))).or_default().learn(peak, NEWEST[0]);
        self.tenants.entry(tenant).or_default().learn(peak, NEWEST[1]);
        self.all.learn(peak, NEWEST[2]);
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
        let own = self.ids.get(&(tenant, Arc::clone(id)));
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
    fn expectations_are_bounded() {
        assert_eq!(Expectation::given(1e9).peak, 500.0);
        assert_eq!(Expectation::given(-3.0).peak, 1.0);
    }
}
