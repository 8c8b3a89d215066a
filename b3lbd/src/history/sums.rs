//! The rows of the history, and how several are made one.

use serde::{Deserialize, Serialize};
use strum::{EnumCount, VariantArray};

use super::ByName;

/// Why a create was refused. The order is that of the stored rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumCount, VariantArray)]
pub enum Refusal {
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
    /// A meeting limit was reached.
    MeetingLimit,
    /// An attendee limit was reached.
    AttendeeLimit,
}

/// Number of reasons.
pub const REFUSALS: usize = Refusal::COUNT;

/// Number of nodes in each state. Those in maintenance are counted in their state as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeCounts {
    /// Answer polls.
    pub up: u32,
    /// Failed recently.
    pub suspect: u32,
    /// Failed for a while.
    pub down: u32,
    /// Not polled yet.
    pub unknown: u32,
    /// In maintenance.
    pub maintenance: u32,
}

/// The pool or a cluster in a minute, or in a quarter of an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Nodes by state. In a quarter: the fewest that were up, the most that were not.
    pub nodes: NodeCounts,
    /// Meetings; in a quarter the most.
    pub meetings: u32,
    /// People in them; in a quarter the most. People in a breakout room count once.
    pub attendees: u32,
    /// Meetings created.
    pub creates: u32,
    /// Joins redirected.
    pub joins: u32,
    /// How many attendees the nodes carry, once it is learned; in a quarter the fewest.
    pub capacity: Option<Capacity>,
}

/// Attendees that the nodes that take meetings carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// In total.
    pub total: u32,
    /// In addition to those that are there.
    pub free: u32,
}

impl Capacity {
    /// The capacity of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { total: self.total.saturating_add(other.total), free: self.free.saturating_add(other.free) }
    }

    fn least(self, other: Self) -> Self {
        Self { total: self.total.min(other.total), free: self.free.min(other.free) }
    }
}

impl Stats {
    fn fold(&mut self, other: &Self) {
        let (nodes, others) = (&mut self.nodes, &other.nodes);
        nodes.up = nodes.up.min(others.up);
        nodes.suspect = nodes.suspect.max(others.suspect);
        nodes.down = nodes.down.max(others.down);
        nodes.unknown = nodes.unknown.max(others.unknown);
        nodes.maintenance = nodes.maintenance.max(others.maintenance);
        self.meetings = self.meetings.max(other.meetings);
        self.attendees = self.attendees.max(other.attendees);
        self.creates = self.creates.saturating_add(other.creates);
        self.joins = self.joins.saturating_add(other.joins);
        self.capacity = match (self.capacity, other.capacity) {
            (Some(one), Some(two)) => Some(one.least(two)),
            (one, two) => one.or(two),
        };
    }
}

/// The whole pool in a minute, or in a quarter of an hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolRow {
    /// All nodes, meetings and requests.
    pub pool: Stats,
    /// Refused creates, by [`Refusal`].
    pub refusals: [u32; REFUSALS],
}

/// A tenant in a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantMinute {
    /// People in its meetings.
    pub attendees: u32,
    /// Its meetings.
    pub meetings: u32,
    /// Meetings created.
    pub creates: u32,
}

/// A tenant in a quarter of an hour, or in a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The most people at the same time.
    pub peak_attendees: u32,
    /// The most meetings at the same time.
    pub peak_meetings: u32,
    /// The sum of its attendees over the minutes.
    pub attendee_minutes: u64,
    /// Meetings created.
    pub meetings: u32,
}

impl From<TenantMinute> for Usage {
    fn from(it: TenantMinute) -> Self {
        Self {
            peak_attendees: it.attendees,
            peak_meetings: it.meetings,
            attendee_minutes: it.attendees.into(),
            meetings: it.creates,
        }
    }
}

/// Rows that can be made one.
pub trait Fold {
    /// Adds another row to this one. The order of several does not matter.
    fn fold(&mut self, other: &Self);
}

impl Fold for () {
    fn fold(&mut self, (): &Self) {}
}

impl Fold for Stats {
    fn fold(&mut self, other: &Self) {
        Self::fold(self, other);
    }
}

impl Fold for PoolRow {
    fn fold(&mut self, other: &Self) {
        self.pool.fold(&other.pool);
        for (sum, count) in self.refusals.iter_mut().zip(other.refusals) {
            *sum = sum.saturating_add(count);
        }
    }
}

impl Fold for TenantMinute {
    /// Both are of the same minute.
    fn fold(&mut self, other: &Self) {
        self.attendees = self.attendees.max(other.attendees);
        self.meetings = self.meetings.max(other.meetings);
        self.creates = self.creates.saturating_add(other.creates);
    }
}

impl Fold for Usage {
    fn fold(&mut self, other: &Self) {
        self.peak_attendees = self.peak_attendees.max(other.peak_attendees);
        self.peak_meetings = self.peak_meetings.max(other.peak_meetings);
        self.attendee_minutes = self.attendee_minutes.saturating_add(other.attendee_minutes);
        self.meetings = self.meetings.saturating_add(other.meetings);
    }
}

impl<T: Fold + Clone> Fold for ByName<T> {
    fn fold(&mut self, other: &Self) {
        for (name, row) in other {
            self.entry(*name).and_modify(|it| it.fold(row)).or_insert_with(|| row.clone());
        }
    }
}

/// Makes several rows one; none if there are none.
pub fn fold<T: Fold>(rows: impl IntoIterator<Item = T>) -> Option<T> {
    rows.into_iter().reduce(|mut sum, row| {
        sum.fold(&row);
        sum
    })
}

/// The usage of the tenants in one minute.
pub fn usage_of(minute: ByName<TenantMinute>) -> ByName<Usage> {
    minute.into_iter().map(|(name, row)| (name, row.into())).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn gauges_keep_the_worst_and_counts_are_added() {
        let nodes = |up, down| NodeCounts { up, down, ..NodeCounts::default() };
        let row = |nodes, attendees, creates, free| {
            let capacity = Some(Capacity { total: 300, free });
            let pool = Stats { nodes, attendees, creates, capacity, ..Stats::default() };
            PoolRow { pool, refusals: [creates, 0, 0, 0, 0, 0, 1] }
        };
        let folded = fold([row(nodes(3, 0), 50, 2, 250), row(nodes(2, 1), 80, 1, 120)]).unwrap();
        assert_eq!(folded, PoolRow { refusals: [3, 0, 0, 0, 0, 0, 2], ..row(nodes(2, 1), 80, 3, 120) });
        assert_eq!(fold(Vec::<PoolRow>::new()), None);
    }

    #[test]
    fn a_tenant_that_comes_later_counts() {
        let minute = |attendees| TenantMinute { attendees, meetings: 1, creates: 1 };
        let rows = [ByName::from([(1, minute(5))]), ByName::from([(1, minute(9)), (7, minute(2))])];
        let usage = fold(rows.map(usage_of)).unwrap();
        let expected = Usage { peak_attendees: 9, peak_meetings: 1, attendee_minutes: 14, meetings: 2 };
        assert_eq!((usage[&1], usage[&7].attendee_minutes), (expected, 2));
    }

    proptest! {
        /// A day of quarters says the same as a day of minutes.
        #[test]
        fn sums_of_sums_are_sums(minutes in prop::collection::vec(
            prop::collection::btree_map(0_u32..4, (0_u32..500, 0_u32..9, 0_u32..3), 0..4), 1..60,
        )) {
            let minute = |row: &std::collections::BTreeMap<u32, (u32, u32, u32)>| {
                let row = row.iter().map(|(name, (attendees, meetings, creates))| {
                    (*name, TenantMinute { attendees: *attendees, meetings: *meetings, creates: *creates })
                });
                usage_of(row.collect())
            };
            let whole = fold(minutes.iter().map(minute));
            let quarters = minutes.chunks(15).filter_map(|quarter| fold(quarter.iter().map(minute)));
            prop_assert_eq!(whole, fold(quarters));
        }
    }
}
