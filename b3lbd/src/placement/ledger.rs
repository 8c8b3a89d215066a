//! The account of what each node has, and of what is on its way there.
//!
//! Polls are up to an interval old; so creates and redirects are booked at once, meetings reserve room
//! for the attendees still to come, and the CPU figure is carried forward to what is booked.

use std::collections::{HashMap, VecDeque};

use rand::{Rng, RngExt};

use super::Expectation;
use crate::model::{LoadFactors, NodeId};

/// Seconds within which a redirect shows up in a poll, or is given up.
const REDIRECT_GRACE: f64 = 20.0;
/// Time constant of the joins of a meeting, in seconds.
const ARRIVAL: f64 = 200.0;
/// Severity of an expectation without and with a past of the meeting id.
const CONFIDENCE: (f64, f64) = (0.5, 2.0);
/// Largest reservation of a meeting, in attendees.
const MAX_RESERVATION: f64 = 500.0;
/// Time constant of the smoothed CPU figure, in seconds.
const CPU_SMOOTHING: f64 = 30.0;
/// Time constant by which a node's CPU per attendee is learned, in seconds.
const SLOPE_LEARNING: f64 = 500.0;
/// CPU per attendee, as a share: at first, at least, at most.
const SLOPE: (f64, f64, f64) = (0.003, 0.0005, 0.02);
/// CPU of an idle node, as a share.
const IDLE_CPU: f64 = 0.02;
/// A node with fewer attendees says nothing of its CPU per attendee.
const SLOPE_ATTENDEES: f64 = 20.0;

/// Names a meeting within the ledger.
pub type MeetingToken = u64;

/// One meeting's account: `view = polled + issued - resolved`.
#[derive(Clone, Debug)]
struct Account {
    node: NodeId,
    born: f64,
    expected: f64,
    confidence: f64,
    /// Attendees in the last good poll.
    polled: u32,
    /// Redirects given out.
    issued: u32,
    /// Redirects that have reported up or were given up.
    resolved: u32,
    /// Redirects older than the grace.
    overdue: u32,
    /// Younger redirects: when, how many.
    recent: VecDeque<(f64, u32)>,
    /// Largest view so far.
    top: f64,
    /// Largest polled figure, which the past learns.
    peak: u32,
    reserved: f64,
}

impl Account {
    fn view(&self) -> f64 {
        f64::from(self.polled + self.issued - self.resolved)
    }

    /// Attendees still expected: the mean of a Gamma-Poisson estimate that follows the real joins.
    fn reservation(&self, now: f64) -> f64 {
        let joined = 1.0 - (-(now - self.born).max(0.0) / ARRIVAL).exp();
        let (k, s) = (self.confidence, self.top);
        ((1.0 - joined) * (k + s) / (k / self.expected + joined)).min(MAX_RESERVATION)
    }

    /// Books a poll begun at `begun` that shows `attendees`.
    fn settle(&mut self, begun: f64, attendees: u32) {
        while self.recent.front().is_some_and(|(at, _)| *at <= begun - REDIRECT_GRACE) {
            self.overdue += self.recent.pop_front().map_or(0, |(_, count)| count);
        }
        let arrived = attendees.saturating_sub(self.polled);
        self.resolved = self.issued.min((self.resolved + arrived).max(self.overdue));
        self.polled = attendees;
        self.peak = self.peak.max(attendees);
        self.top = self.top.max(self.view());
    }
}

/// One node's account; attendees and meetings are sums over the meetings on it.
#[derive(Clone, Debug)]
struct NodeAccount {
    factors: LoadFactors,
    attendees: f64,
    meetings: f64,
    reserved: f64,
    /// Meetings and attendees that B3LB did not place.
    foreign: (f64, f64),
    cpu: Option<CpuFigure>,
    slope: f64,
}

#[derive(Clone, Copy, Debug)]
struct CpuFigure {
    /// Smoothed, as a share.
    share: f64,
    /// The attendees it stands for, smoothed alike.
    attendees: f64,
    at: f64,
}

impl NodeAccount {
    fn new(factors: LoadFactors) -> Self {
        Self {
            factors,
            attendees: 0.0,
            meetings: 0.0,
            reserved: 0.0,
            foreign: (0.0, 0.0),
            cpu: None,
            slope: SLOPE.0,
        }
    }

    fn attendees(&self) -> f64 {
        self.attendees + self.foreign.1
    }

    fn meetings(&self) -> f64 {
        self.meetings + self.foreign.0
    }

    /// The CPU share once all that is booked is there.
    fn cpu_view(&self, typical_slope: f64) -> f64 {
        let (share, stands_for, slope) = match self.cpu {
            Some(figure) => (figure.share, figure.attendees, self.slope),
            None => (0.0, 0.0, typical_slope),
        };
        (share + slope * (self.attendees() + self.reserved - stands_for)).clamp(0.0, 1.0)
    }

    fn parts(&self, expected: f64, typical_slope: f64) -> RankParts {
        RankParts {
            attendees: self.factors.attendee * self.attendees(),
            reserved: self.factors.attendee * self.reserved,
            meetings: self.factors.meeting * self.meetings(),
            cpu: self.factors.cpu_term(self.cpu_view(typical_slope)),
            own: self.factors.attendee * expected + self.factors.meeting,
        }
    }

    fn note_cpu(&mut self, at: f64, share: f64, attendees: f64) {
        let Some(old) = self.cpu else {
            self.cpu = Some(CpuFigure { share, attendees, at });
            return;
        };
        let elapsed = (at - old.at).max(1.0);
        let severity = 1.0 - (-elapsed / CPU_SMOOTHING).exp();
        let new = CpuFigure {
            share: old.share + severity * (share - old.share),
            attendees: old.attendees + severity * (attendees - old.attendees),
            at,
        };
        if new.attendees >= SLOPE_ATTENDEES {
            let slope = ((new.share - IDLE_CPU) / new.attendees).clamp(SLOPE.1, SLOPE.2);
            self.slope += (1.0 - (-elapsed / SLOPE_LEARNING).exp()) * (slope - self.slope);
        }
        self.cpu = Some(new);
    }
}

/// A node's rank for a meeting, in parts; less is better.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RankParts {
    /// Attendees there and on their way.
    pub attendees: f64,
    /// Attendees still expected of the meetings there.
    pub reserved: f64,
    /// Meetings there.
    pub meetings: f64,
    /// CPU, carried forward.
    pub cpu: f64,
    /// What the new meeting adds.
    pub own: f64,
}

impl RankParts {
    /// The rank after placement.
    pub fn total(&self) -> f64 {
        self.attendees + self.reserved + self.meetings + self.cpu + self.own
    }
}

/// What a good poll of one node shows.
#[derive(Clone, Copy, Debug)]
pub struct PollSample<'a> {
    /// When the poll was begun.
    pub begun: f64,
    /// CPU on the base 10,000, if the node tells it.
    pub cpu: Option<u32>,
    /// Known meetings and their attendees.
    pub meetings: &'a [(MeetingToken, u32)],
    /// Number of meetings that B3LB did not place.
    pub foreign_meetings: u32,
    /// Attendees in these.
    pub foreign_attendees: u32,
}

/// All accounts.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    nodes: HashMap<NodeId, NodeAccount>,
    meetings: HashMap<MeetingToken, Account>,
    on_node: HashMap<NodeId, Vec<MeetingToken>>,
}

impl Ledger {
    /// Adds a node, or changes its factors; what is booked on it stays.
    pub fn set_node(&mut self, node: NodeId, factors: LoadFactors) {
        self.nodes.entry(node).or_insert_with(|| NodeAccount::new(factors)).factors = factors;
    }

    /// Forgets a node and all that is booked on it.
    pub fn remove_node(&mut self, node: NodeId) {
        self.nodes.remove(&node);
        for token in self.on_node.remove(&node).unwrap_or_default() {
            self.meetings.remove(&token);
        }
    }

    /// Chooses the candidate of least rank after placement, ties at random, and books the meeting there.
    pub fn place(
        &mut self,
        now: f64,
        token: MeetingToken,
        expected: Expectation,
        candidates: impl IntoIterator<Item = NodeId>,
        rng: &mut impl Rng,
    ) -> Option<NodeId> {
        let slope = self.typical_slope();
        let mut best: Option<(f64, NodeId)> = None;
        let mut ties = 0;
        for node in candidates {
            let Some(account) = self.nodes.get(&node) else { continue };
            let rank = account.parts(expected.peak, slope).total();
            match best {
                Some((least, _)) if rank > least => {}
                Some((least, _)) if rank < least => (best, ties) = (Some((rank, node)), 1),
                Some(_) => {
                    ties += 1;
                    if rng.random_range(0..ties) == 0 {
                        best = Some((rank, node));
                    }
                }
                None => (best, ties) = (Some((rank, node)), 1),
            }
        }
        let (_, node) = best?;
        self.book(now, token, expected, node);
        Some(node)
    }

    /// Books a meeting on a node that was chosen otherwise: before a restart, or by a move.
    pub fn book(&mut self, born: f64, token: MeetingToken, expected: Expectation, node: NodeId) {
        self.remove(token);
        let Some(account) = self.nodes.get_mut(&node) else { return };
        account.meetings += 1.0;
        account.reserved += expected.peak;
        self.on_node.entry(node).or_default().push(token);
        self.meetings.insert(
            token,
            Account {
                node,
                born,
                expected: expected.peak,
                confidence: if expected.known { CONFIDENCE.1 } else { CONFIDENCE.0 },
                polled: 0,
                issued: 0,
                resolved: 0,
                overdue: 0,
                recent: VecDeque::new(),
                top: 0.0,
                peak: 0,
                reserved: expected.peak,
            },
        );
    }

    /// Takes a meeting off its node: it ended, or its create failed. The peak of what polls showed.
    pub fn remove(&mut self, token: MeetingToken) -> Option<u32> {
        let account = self.meetings.remove(&token)?;
        if let Some(node) = self.nodes.get_mut(&account.node) {
            node.meetings -= 1.0;
            node.attendees -= account.view();
            node.reserved -= account.reserved;
        }
        if let Some(tokens) = self.on_node.get_mut(&account.node) {
            tokens.retain(|it| *it != token);
        }
        Some(account.peak)
    }

    /// Redirects to a meeting were given out.
    pub fn joined(&mut self, now: f64, token: MeetingToken, count: u32) {
        let Some(account) = self.meetings.get_mut(&token) else { return };
        account.issued += count;
        // Redirects of one second share an entry, so that a rush of joins takes no memory.
        match account.recent.back_mut() {
            Some((at, sum)) if now - *at < 1.0 => *sum += count,
            _ => account.recent.push_back((now, count)),
        }
        account.top = account.top.max(account.view());
        let reserved = account.reservation(now);
        let change = reserved - std::mem::replace(&mut account.reserved, reserved);
        if let Some(node) = self.nodes.get_mut(&account.node) {
            node.attendees += f64::from(count);
            node.reserved += change;
        }
    }

    /// Books a good poll. Meetings that it does not show stay until [`Ledger::remove`].
    pub fn polled(&mut self, node: NodeId, sample: PollSample<'_>) {
        let mut reported = sample.foreign_attendees;
        for (token, attendees) in sample.meetings {
            reported += attendees;
            if let Some(account) = self.meetings.get_mut(token).filter(|it| it.node == node) {
                account.settle(sample.begun, *attendees);
            }
        }
        let Some(account) = self.nodes.get_mut(&node) else { return };
        (account.attendees, account.reserved, account.meetings) = (0.0, 0.0, 0.0);
        for token in self.on_node.get(&node).into_iter().flatten() {
            let Some(meeting) = self.meetings.get_mut(token) else { continue };
            meeting.reserved = meeting.reservation(sample.begun);
            account.attendees += meeting.view();
            account.reserved += meeting.reserved;
            account.meetings += 1.0;
        }
        account.foreign = (f64::from(sample.foreign_meetings), f64::from(sample.foreign_attendees));
        if let Some(cpu) = sample.cpu {
            account.note_cpu(sample.begun, f64::from(cpu) / 10_000.0, f64::from(reported));
        }
    }

    /// The parts of a node's rank for a meeting of `expected` attendees.
    pub fn explain(&self, node: NodeId, expected: f64) -> Option<RankParts> {
        Some(self.nodes.get(&node)?.parts(expected, self.typical_slope()))
    }

    /// The median CPU per attendee, for nodes that tell no CPU figure.
    fn typical_slope(&self) -> f64 {
        if self.nodes.values().all(|it| it.cpu.is_some()) {
            return SLOPE.0;
        }
        let mut slopes: Vec<f64> =
            self.nodes.values().filter(|it| it.cpu.is_some()).map(|it| it.slope).collect();
        slopes.sort_by(f64::total_cmp);
        match slopes.len() {
            0 => SLOPE.0,
            n if n % 2 == 1 => slopes[n / 2],
            n => f64::midpoint(slopes[n / 2 - 1], slopes[n / 2]),
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "small whole numbers are exact")]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    const NEW: Expectation = Expectation { peak: 15.0, known: false };

    fn ledger(nodes: i64) -> (Ledger, Vec<NodeId>, SmallRng) {
        let mut ledger = Ledger::default();
        let nodes: Vec<_> = (0..nodes).map(NodeId).collect();
        for node in &nodes {
            ledger.set_node(*node, LoadFactors::default());
        }
        (ledger, nodes, SmallRng::seed_from_u64(1))
    }

    fn poll(ledger: &mut Ledger, node: i64, begun: f64, meetings: &[(MeetingToken, u32)]) {
        let sample = PollSample { begun, cpu: None, meetings, foreign_meetings: 0, foreign_attendees: 0 };
        ledger.polled(NodeId(node), sample);
    }

    #[test]
    fn a_burst_of_creates_spreads_evenly() {
        let (mut ledger, nodes, mut rng) = ledger(5);
        let mut counts = [0; 5];
        for token in 0..30 {
            let node = ledger.place(0.0, token, NEW, nodes.iter().copied(), &mut rng).unwrap();
            counts[usize::try_from(node.0).unwrap()] += 1;
        }
        assert_eq!(counts, [6; 5]);
    }

    #[test]
    fn no_candidate_no_place() {
        let (mut ledger, _, mut rng) = ledger(2);
        assert_eq!(ledger.place(0.0, 1, NEW, [], &mut rng), None);
        assert_eq!(ledger.place(0.0, 1, NEW, [NodeId(77)], &mut rng), None);
    }

    #[test]
    fn joins_count_at_once_and_are_not_counted_twice() {
        let (mut ledger, _, _) = ledger(1);
        ledger.book(0.0, 1, NEW, NodeId(0));
        let attendees = |ledger: &Ledger| ledger.explain(NodeId(0), 0.0).unwrap().attendees;
        ledger.joined(5.0, 1, 3);
        assert_eq!(attendees(&ledger), 3.0);
        poll(&mut ledger, 0, 10.0, &[(1, 2)]);
        assert_eq!(attendees(&ledger), 3.0, "two arrived, one is on the way");
        poll(&mut ledger, 0, 20.0, &[(1, 2)]);
        assert_eq!(attendees(&ledger), 3.0, "still within the grace");
        poll(&mut ledger, 0, 30.0, &[(1, 2)]);
        assert_eq!(attendees(&ledger), 2.0, "given up after 20 s");
        poll(&mut ledger, 0, 40.0, &[(1, 5)]);
        assert_eq!(attendees(&ledger), 5.0, "a poll that shows more is believed");
    }

    #[test]
    fn removing_takes_everything_back() {
        let (mut ledger, _, _) = ledger(1);
        let empty = ledger.explain(NodeId(0), 1.0).unwrap();
        ledger.book(0.0, 1, NEW, NodeId(0));
        ledger.joined(1.0, 1, 4);
        poll(&mut ledger, 0, 10.0, &[(1, 4)]);
        assert_eq!(ledger.remove(1), Some(4));
        let after = ledger.explain(NodeId(0), 1.0).unwrap();
        assert!((after.total() - empty.total()).abs() < 1e-9, "{after:?}");
        assert_eq!(ledger.remove(1), None);
    }

    #[test]
    fn reservations_follow_the_joins_and_fade() {
        let (mut ledger, _, _) = ledger(2);
        ledger.book(0.0, 1, NEW, NodeId(0));
        ledger.book(0.0, 2, NEW, NodeId(1));
        let reserved = |ledger: &Ledger, node| ledger.explain(NodeId(node), 0.0).unwrap().reserved;
        assert_eq!(reserved(&ledger, 0), 15.0);
        ledger.joined(30.0, 1, 20);
        poll(&mut ledger, 0, 30.0, &[(1, 20)]);
        poll(&mut ledger, 1, 30.0, &[(2, 0)]);
        assert!(reserved(&ledger, 0) > 40.0, "twenty in thirty seconds promise many more");
        assert!(reserved(&ledger, 1) < 15.0, "nobody in thirty seconds promises few");
        poll(&mut ledger, 0, 2000.0, &[(1, 20)]);
        assert!(reserved(&ledger, 0) < 0.1);
    }

    #[test]
    fn cpu_is_carried_forward_to_what_is_booked() {
        let (mut ledger, _, _) = ledger(1);
        ledger.book(0.0, 1, NEW, NodeId(0));
        let mut sample = PollSample {
            begun: 2000.0,
            cpu: Some(3000),
            meetings: &[(1, 100)],
            foreign_meetings: 0,
            foreign_attendees: 0,
        };
        ledger.polled(NodeId(0), sample);
        let before = ledger.explain(NodeId(0), 0.0).unwrap().cpu;
        ledger.joined(2001.0, 1, 50);
        let after = ledger.explain(NodeId(0), 0.0).unwrap().cpu;
        assert!(after > before * 1.3, "{before} {after}");
        sample.cpu = None;
        ledger.polled(NodeId(0), sample);
        assert!(ledger.explain(NodeId(0), 0.0).unwrap().cpu > 0.0, "the last figure stays");
    }
}
