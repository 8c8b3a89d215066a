//! The ledger of what each node hosts, and of what is about to arrive there.
//!
//! Poll results are up to one interval old. Therefore creates and redirects are booked immediately, meetings
//! reserve capacity for attendees who are still expected, and the CPU use is projected to the booked
//! attendees.

use std::collections::{HashMap, VecDeque};

use rand::{Rng, RngExt};

use super::Expectation;
use crate::model::{LoadFactors, NodeId};

/// Seconds within which a redirect must show up in a poll before it is given up.
const REDIRECT_GRACE: f64 = 20.0;
/// Time constant with which attendees join a meeting, in seconds.
const ARRIVAL: f64 = 200.0;
/// Weight of the expected size, without and with a known past of the meeting id.
const CONFIDENCE: (f64, f64) = (0.5, 2.0);
/// Maximum reservation of a meeting, in attendees.
const MAX_RESERVATION: f64 = 500.0;
/// Time constant for smoothing the CPU use, in seconds.
const CPU_SMOOTHING: f64 = 30.0;
/// Time constant for learning a node's CPU use per attendee, in seconds.
const SLOPE_LEARNING: f64 = 500.0;
/// CPU use per attendee, as a fraction: initial, minimum, maximum.
const SLOPE: (f64, f64, f64) = (0.003, 0.0005, 0.02);
/// CPU use of an idle node, as a fraction.
const IDLE_CPU: f64 = 0.02;
/// Minimum number of attendees for learning a node's CPU use per attendee.
const SLOPE_ATTENDEES: f64 = 20.0;
/// Share of what was learned in a node's CPU use per attendee, from which on it tells the node's capacity. The rest is
/// the initial value.
const SLOPE_LEARNED: f64 = 0.1;

/// Identifies a meeting in the ledger.
pub type MeetingToken = u64;

/// The account of a meeting: `view = polled + issued - resolved`.
#[derive(Clone, Debug)]
struct Account {
    node: NodeId,
    born: f64,
    expected: f64,
    confidence: f64,
    /// Attendees in the last successful poll.
    polled: u32,
    /// Redirects that were issued.
    issued: u32,
    /// Redirects that showed up in a poll or were given up.
    resolved: u32,
    /// Redirects older than the grace period.
    overdue: u32,
    /// Newer redirects: time and number.
    recent: VecDeque<(f64, u32)>,
    /// The largest view so far.
    top: f64,
    /// The largest number of polled attendees, from which the past learns.
    peak: u32,
    reserved: f64,
}

impl Account {
    fn view(&self) -> f64 {
        f64::from(self.polled + self.issued - self.resolved)
    }

    /// Attendees still expected: the mean of a Gamma-Poisson estimate that follows the actual joins.
    fn reservation(&self, now: f64) -> f64 {
        let joined = 1.0 - (-(now - self.born).max(0.0) / ARRIVAL).exp();
        let (k, s) = (self.confidence, self.top);
        ((1.0 - joined) * (k + s) / (k / self.expected + joined)).min(MAX_RESERVATION)
    }

    /// Books a poll that started at `begun` and reported `attendees`.
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

/// The account of a node. Attendees and meetings are totals over its meetings.
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
    /// Share of the initial value in `slope`.
    unlearned: f64,
}

#[derive(Clone, Copy, Debug)]
struct CpuFigure {
    /// Smoothed CPU use, as a fraction.
    share: f64,
    /// The number of attendees that it corresponds to, smoothed in the same way.
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
            unlearned: 1.0,
        }
    }

    /// The CPU use per attendee without the initial value, once enough was learned.
    fn learned_slope(&self) -> Option<f64> {
        let learned = 1.0 - self.unlearned;
        let slope = (self.slope - self.unlearned * SLOPE.0) / learned;
        (learned >= SLOPE_LEARNED).then(|| slope.clamp(SLOPE.1, SLOPE.2))
    }

    fn attendees(&self) -> f64 {
        self.attendees + self.foreign.1
    }

    fn meetings(&self) -> f64 {
        self.meetings + self.foreign.0
    }

    /// The CPU use once all booked attendees have arrived.
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
            let kept = (-elapsed / SLOPE_LEARNING).exp();
            self.slope += (1.0 - kept) * (slope - self.slope);
            self.unlearned *= kept;
        }
        self.cpu = Some(new);
    }
}

/// The parts of a node's rank for a meeting; lower is better.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RankParts {
    /// Attendees that are present or about to arrive.
    pub attendees: f64,
    /// Attendees still expected in its meetings.
    pub reserved: f64,
    /// Its meetings.
    pub meetings: f64,
    /// CPU, projected to the booked attendees.
    pub cpu: f64,
    /// What the new meeting adds.
    pub own: f64,
}

impl RankParts {
    /// The rank after placing the meeting.
    pub fn total(&self) -> f64 {
        self.attendees + self.reserved + self.meetings + self.cpu + self.own
    }
}

/// A decision of placement.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The node.
    pub node: NodeId,
    /// The candidates of lowest rank, the chosen one first.
    pub best: Vec<(NodeId, RankParts)>,
}

/// Keeps the candidates of lowest rank, in their order.
struct Lowest {
    kept: Vec<(f64, NodeId, RankParts)>,
    limit: usize,
}

impl Lowest {
    fn new(limit: usize) -> Self {
        Self { kept: Vec::with_capacity(limit + 1), limit }
    }

    fn see(&mut self, node: NodeId, rank: f64, parts: RankParts) {
        if self.kept.len() == self.limit && self.kept.last().is_none_or(|(last, ..)| rank >= *last) {
            return;
        }
        let at = self.kept.partition_point(|(it, ..)| *it <= rank);
        self.kept.insert(at, (rank, node, parts));
        self.kept.truncate(self.limit);
    }

    /// With the chosen one first, which was drawn from equal ones.
    fn into_list(mut self, chosen: NodeId, parts: RankParts) -> Vec<(NodeId, RankParts)> {
        self.kept.retain(|(_, node, _)| *node != chosen);
        let others = self.kept.into_iter().map(|(_, node, parts)| (node, parts));
        std::iter::once((chosen, parts)).chain(others).take(self.limit).collect()
    }
}

/// The result of a successful poll of one node.
#[derive(Clone, Copy, Debug)]
pub struct PollSample<'a> {
    /// When the poll started.
    pub begun: f64,
    /// CPU use in units of 0.01 %, if the node reports it.
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
    /// Adds a node, or changes its factors; its bookings are kept.
    pub fn set_node(&mut self, node: NodeId, factors: LoadFactors) {
        self.nodes.entry(node).or_insert_with(|| NodeAccount::new(factors)).factors = factors;
    }

    /// Removes a node with all its bookings.
    pub fn remove_node(&mut self, node: NodeId) {
        self.nodes.remove(&node);
        for token in self.on_node.remove(&node).unwrap_or_default() {
            self.meetings.remove(&token);
        }
    }

    /// Chooses the candidate with the lowest rank after placement, at random among equals, and books the
    /// meeting there. Returns the candidates of lowest rank as well, `named` at most.
    pub fn place(
        &mut self,
        now: f64,
        token: MeetingToken,
        expected: Expectation,
        candidates: impl IntoIterator<Item = NodeId>,
        rng: &mut impl Rng,
        named: usize,
    ) -> Option<Choice> {
        let slope = self.typical_slope();
        let mut first = Lowest::new(named);
        let mut best: Option<(f64, NodeId, RankParts)> = None;
        let mut ties = 0;
        for node in candidates {
            let Some(account) = self.nodes.get(&node) else { continue };
            let parts = account.parts(expected.peak, slope);
            let rank = parts.total();
            first.see(node, rank, parts);
            match best {
                Some((least, ..)) if rank > least => {}
                Some((least, ..)) if rank < least => (best, ties) = (Some((rank, node, parts)), 1),
                Some(_) => {
                    ties += 1;
                    if rng.random_range(0..ties) == 0 {
                        best = Some((rank, node, parts));
                    }
                }
                None => (best, ties) = (Some((rank, node, parts)), 1),
            }
        }
        let (_, node, parts) = best?;
        self.book(now, token, expected, node);
        Some(Choice { node, best: first.into_list(node, parts) })
    }

    /// Books a meeting on a node that was not chosen by placement: after a restart, or when it was moved.
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

    /// Removes a meeting that has ended, or whose create failed, and returns its peak of polled attendees.
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

    /// Books redirects to a meeting.
    pub fn joined(&mut self, now: f64, token: MeetingToken, count: u32) {
        let Some(account) = self.meetings.get_mut(&token) else { return };
        account.issued += count;
        // Redirects within one second share an entry, so that a rush of joins uses little memory.
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

    /// Books a successful poll. Meetings that it does not report stay until [`Ledger::remove`].
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

    /// How many attendees each node carries when its CPU use is `target`, a fraction. Those that have not learned it
    /// yet count as typical; none if no node has.
    pub fn capacities(&self, target: impl Fn(NodeId) -> f64) -> HashMap<NodeId, f64> {
        let Some(typical) = median(self.nodes.values().filter_map(NodeAccount::learned_slope).collect())
        else {
            return HashMap::new();
        };
        let capacity = |(node, account): (&NodeId, &NodeAccount)| {
            let slope = account.learned_slope().unwrap_or(typical);
            (*node, (target(*node) - IDLE_CPU).max(0.0) / slope)
        };
        self.nodes.iter().map(capacity).collect()
    }

    /// The median CPU use per attendee, for nodes that do not report their CPU use.
    fn typical_slope(&self) -> f64 {
        if self.nodes.values().all(|it| it.cpu.is_some()) {
            return SLOPE.0;
        }
        let slopes = self.nodes.values().filter(|it| it.cpu.is_some()).map(|it| it.slope);
        median(slopes.collect()).unwrap_or(SLOPE.0)
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[n / 2]),
        n => Some(f64::midpoint(values[n / 2 - 1], values[n / 2])),
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
            let node = ledger.place(0.0, token, NEW, nodes.iter().copied(), &mut rng, 5).unwrap().node;
            counts[usize::try_from(node.0).unwrap()] += 1;
        }
        assert_eq!(counts, [6; 5]);
    }

    /// What is told of a decision is what decided: 1,000 creates among joins, ends and polls.
    #[test]
    fn the_best_candidates_are_those_that_explain_ranks_first() {
        let (mut ledger, nodes, mut rng) = ledger(12);
        let mut play = SmallRng::seed_from_u64(7);
        for token in 0..1_000_u32 {
            let now = f64::from(token);
            let token = u64::from(token);
            let some: Vec<_> = nodes.iter().copied().filter(|_| play.random_bool(0.8)).collect();
            let expected = Expectation { peak: play.random_range(1.0..60.0), known: play.random_bool(0.5) };
            let mut ranks: Vec<f64> =
                some.iter().map(|node| ledger.explain(*node, expected.peak).unwrap().total()).collect();
            let Some(choice) = ledger.place(now, token, expected, some.iter().copied(), &mut rng, 5) else {
                assert!(some.is_empty());
                continue;
            };
            ranks.sort_by(f64::total_cmp);
            ranks.truncate(5);
            let told: Vec<f64> = choice.best.iter().map(|(_, parts)| parts.total()).collect();
            assert_eq!(told, ranks, "{token}");
            assert_eq!(choice.best[0].0, choice.node);
            let mut named: Vec<_> = choice.best.iter().map(|(node, _)| *node).collect();
            assert!(named.iter().all(|node| some.contains(node)));
            named.sort();
            named.dedup();
            assert_eq!(named.len(), told.len(), "each once");
            ledger.joined(now, play.random_range(0..=token), play.random_range(0..20));
            if play.random_bool(0.4) {
                ledger.remove(play.random_range(0..=token));
            }
        }
    }

    #[test]
    fn no_candidate_no_place() {
        let (mut ledger, _, mut rng) = ledger(2);
        assert_eq!(ledger.place(0.0, 1, NEW, [], &mut rng, 5), None);
        assert_eq!(ledger.place(0.0, 1, NEW, [NodeId(77)], &mut rng, 5), None);
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
    fn capacity_is_learned_without_the_initial_value() {
        let (mut ledger, _, _) = ledger(2);
        let mut sample = PollSample {
            begun: 0.0,
            cpu: Some(4_200),
            meetings: &[],
            foreign_meetings: 1,
            foreign_attendees: 100,
        };
        let capacities = |ledger: &Ledger| ledger.capacities(|_| 0.82);
        ledger.polled(NodeId(0), sample);
        assert!(capacities(&ledger).is_empty(), "one poll teaches nothing");
        for _ in 0..6 {
            sample.begun += 10.0;
            ledger.polled(NodeId(0), sample);
        }
        // 40 % for 100 attendees: 0.4 % each, which is 80 % for 200.
        let known = capacities(&ledger);
        assert!((known[&NodeId(0)] - 200.0).abs() < 1e-6, "{known:?}");
        assert!(
            (known[&NodeId(1)] - 200.0).abs() < 1e-6,
            "a node without attendees counts as typical: {known:?}"
        );
        assert_eq!(ledger.capacities(|_| 0.01)[&NodeId(0)], 0.0, "less than an idle node needs");
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
