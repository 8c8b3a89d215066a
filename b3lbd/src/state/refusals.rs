//! Creates that were refused lately.

use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;

use super::Limit;
use crate::model::{SecretId, TenantSlug};
use crate::problems::{RefusalFacts, Refused};

/// Seconds after the last refusal for which it counts as lately.
const LATELY: f64 = 300.0;

/// Refused creates by reason; a reason is forgotten once nobody was refused for it lately.
#[derive(Debug, Default)]
pub struct Refusals {
    reasons: Mutex<HashMap<Refused, Reason>>,
    limits: Mutex<HashMap<(SecretId, Limit), (f64, u64)>>,
    /// All since the daemon started, apart from those by limits.
    ever: Mutex<BTreeMap<(Refused, TenantSlug), u64>>,
}

#[derive(Debug, Default)]
struct Reason {
    /// When somebody was refused last.
    last: f64,
    tenants: BTreeMap<TenantSlug, u64>,
}

impl Refusals {
    /// Counts a refusal, at `now` in seconds on the daemon's clock.
    pub fn count(&self, why: Refused, tenant: &TenantSlug, now: f64) {
        let mut reasons = self.reasons.lock();
        let reason = reasons.entry(why).or_default();
        reason.last = now;
        *reason.tenants.entry(tenant.clone()).or_default() += 1;
        drop(reasons);
        *self.ever.lock().entry((why, tenant.clone())).or_default() += 1;
    }

    /// Counts a refusal by a limit of the secret or its tenant.
    pub fn count_limit(&self, secret: SecretId, limit: Limit, now: f64) {
        let mut limits = self.limits.lock();
        let (last, count) = limits.entry((secret, limit)).or_default();
        (*last, *count) = (now, *count + 1);
    }

    /// The number of refusals since the daemon started by reason and tenant, apart from those by limits.
    pub fn ever(&self) -> BTreeMap<(Refused, TenantSlug), u64> {
        self.ever.lock().clone()
    }

    /// The refusals of late, apart from those by limits.
    pub fn lately(&self, now: f64) -> Vec<RefusalFacts> {
        let mut reasons = self.reasons.lock();
        reasons.retain(|_, it| now - it.last < LATELY);
        let facts = |(why, it): (&Refused, &Reason)| RefusalFacts { why: *why, tenants: it.tenants.clone() };
        reasons.iter().map(facts).collect()
    }

    /// The numbers of refusals of late by limits.
    pub fn limits_lately(&self, now: f64) -> Vec<(SecretId, Limit, u64)> {
        let mut limits = self.limits.lock();
        limits.retain(|_, (last, _)| now - *last < LATELY);
        limits.iter().map(|((secret, limit), (_, count))| (*secret, *limit, *count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_counts_until_nobody_was_refused_for_a_while() {
        let refusals = Refusals::default();
        let foo: TenantSlug = "FOO".parse().unwrap();
        refusals.count(Refused::NoNode, &foo, 0.0);
        refusals.count(Refused::NoNode, &foo, 299.0);
        refusals.count(Refused::Store, &foo, 0.0);
        refusals.count_limit(SecretId(1), Limit::Meetings, 1.0);
        let counts =
            |now| refusals.lately(now).iter().map(|it| (it.why, it.tenants[&foo])).collect::<Vec<_>>();
        assert_eq!(refusals.limits_lately(300.0), [(SecretId(1), Limit::Meetings, 1)]);
        assert_eq!(counts(300.0), [(Refused::NoNode, 2)]);
        assert_eq!((counts(599.0), refusals.limits_lately(599.0)), (vec![], vec![]));
        assert_eq!(refusals.ever().values().sum::<u64>(), 3);
    }
}
