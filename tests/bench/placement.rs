//! How long one decision of the placement takes.

use std::time::{Duration, Instant};

use b3lbd::model::{LoadFactors, NodeId};
use b3lbd::placement::{Expectation, Ledger, PollSample};
use rand::SeedableRng;
use rand::rngs::SmallRng;

const NODES: i64 = 1000;
const MEETINGS_A_NODE: u64 = 40;
const DECISIONS: u64 = 2000;

/// 1,000 nodes with 40 meetings each; creates, joins and polls in turn.
pub(crate) fn run() {
    let mut ledger = Ledger::default();
    let mut rng = SmallRng::seed_from_u64(1);
    let nodes: Vec<NodeId> = (0..NODES).map(NodeId).collect();
    let expected = Expectation { peak: 15.0, known: false };
    let mut token = 0;
    for node in &nodes {
        ledger.set_node(*node, LoadFactors::default());
        let meetings: Vec<_> = (token..token + MEETINGS_A_NODE).map(|token| (token, 20)).collect();
        for (token, _) in &meetings {
            ledger.book(0.0, *token, expected, *node);
        }
        token += MEETINGS_A_NODE;
        let sample = PollSample {
            begun: 10.0,
            cpu: Some(3000),
            meetings: &meetings,
            foreign_meetings: 0,
            foreign_attendees: 0,
        };
        ledger.polled(*node, sample);
    }
    let mut decided = Duration::ZERO;
    let mut joined = Duration::ZERO;
    for n in 0..DECISIONS {
        let begun = Instant::now();
        let place = ledger.place(20.0, token + n, expected, nodes.iter().copied(), &mut rng, 5);
        decided += begun.elapsed();
        assert!(place.is_some());
        let begun = Instant::now();
        ledger.joined(20.0, token + n, 1);
        joined += begun.elapsed();
    }
    let each = |sum: Duration| sum / u32::try_from(DECISIONS).unwrap_or(1);
    println!(
        "placement  {NODES} nodes: {:.1?} a decision (goal under 50 µs), {:.1?} a join",
        each(decided),
        each(joined)
    );
}
