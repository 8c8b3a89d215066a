//! The daemon's placement as an `external` policy of the placement simulator, with a protocol of JSON lines.
//!
//! Lines on stdin describe a simulated day; each `create` is answered by `{"node": N}` on stdout.

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::sync::Arc;

use anyhow::{Context, bail};
use b3lbd::model::{LoadFactors, NodeId, TenantId};
use b3lbd::placement::{Choice, Ledger, Past, PollSample};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde::Deserialize;

/// Seconds until a meeting that no poll has reported counts as gone, as in the daemon.
const CREATE_GRACE: f64 = 30.0;

#[derive(Deserialize)]
#[serde(tag = "ev", rename_all = "lowercase")]
enum Event {
    Init { seed: u64, nodes: Vec<Node> },
    History { tenant: i64, room: i64, peak: f64 },
    Create { t: f64, meeting: u64, room: i64, tenant: i64 },
    Failed { meeting: u64 },
    Join { t: f64, meeting: u64, count: u32 },
    Poll { begun: f64, node: i64, cpu: Option<f64>, meetings: HashMap<String, u32> },
}

#[derive(Deserialize)]
struct Node {
    #[serde(rename = "node")]
    id: i64,
    attendee_factor: f64,
    meeting_factor: f64,
    cpu_max: u32,
    cpu_order: u32,
}

struct Meeting {
    node: i64,
    tenant: TenantId,
    room: Arc<str>,
    born: f64,
    seen: bool,
}

struct Day {
    ledger: Ledger,
    past: Past,
    nodes: Vec<NodeId>,
    meetings: HashMap<u64, Meeting>,
    rng: SmallRng,
}

fn main() -> anyhow::Result<()> {
    let mut day = Day {
        ledger: Ledger::default(),
        past: Past::default(),
        nodes: Vec::new(),
        meetings: HashMap::new(),
        rng: SmallRng::seed_from_u64(0),
    };
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let event = serde_json::from_str(&line?).context("a line of the simulator")?;
        if let Some(node) = day.take(event)? {
            writeln!(out, "{{\"node\": {node}}}")?;
            out.flush()?;
        }
    }
    Ok(())
}

fn room_name(room: i64) -> Arc<str> {
    room.to_string().into()
}

impl Day {
    /// Handles an event; for a create, returns the node to answer.
    fn take(&mut self, event: Event) -> anyhow::Result<Option<i64>> {
        match event {
            Event::Init { seed, nodes } => self.begin(seed, &nodes),
            Event::History { tenant, room, peak } => {
                self.past.learn(TenantId(tenant), &room_name(room), peak);
            }
            Event::Create { t, meeting, room, tenant } => {
                return self.create(t, meeting, room, tenant).map(Some);
            }
            Event::Failed { meeting } => {
                self.meetings.remove(&meeting);
                self.ledger.remove(meeting);
            }
            Event::Join { t, meeting, count } => self.ledger.joined(t, meeting, count),
            Event::Poll { begun, node, cpu, meetings } => {
                let reported = meetings.iter().map(|(token, attendees)| Ok((token.parse()?, *attendees)));
                self.poll(begun, node, cpu, &reported.collect::<anyhow::Result<_>>()?);
            }
        }
        Ok(None)
    }

    fn begin(&mut self, seed: u64, nodes: &[Node]) {
        self.rng = SmallRng::seed_from_u64(seed);
        for node in nodes {
            let factors = LoadFactors {
                attendee: node.attendee_factor,
                meeting: node.meeting_factor,
                cpu_order: node.cpu_order,
                cpu_max: node.cpu_max,
            };
            self.ledger.set_node(NodeId(node.id), factors);
            self.nodes.push(NodeId(node.id));
        }
    }

    fn create(&mut self, t: f64, meeting: u64, room: i64, tenant: i64) -> anyhow::Result<i64> {
        let (tenant, room) = (TenantId(tenant), room_name(room));
        let expected = self.past.expect(tenant, &room);
        let place = self.ledger.place(t, meeting, expected, self.nodes.iter().copied(), &mut self.rng, 0);
        let Some(Choice { node: NodeId(node), .. }) = place else { bail!("no node to choose from") };
        self.meetings.insert(meeting, Meeting { node, tenant, room, born: t, seen: false });
        Ok(node)
    }

    fn poll(&mut self, begun: f64, node: i64, cpu: Option<f64>, reported: &HashMap<u64, u32>) {
        let mut known = Vec::new();
        let (mut foreign_meetings, mut foreign_attendees) = (0, 0);
        for (token, attendees) in reported {
            match self.meetings.get_mut(token).filter(|it| it.node == node) {
                Some(meeting) => {
                    meeting.seen = true;
                    known.push((*token, *attendees));
                }
                None => {
                    foreign_meetings += 1;
                    foreign_attendees += attendees;
                }
            }
        }
        self.meetings.retain(|token, it| {
            let absent = it.node == node && !reported.contains_key(token);
            let gone = absent && begun > it.born && (it.seen || begun - it.born > CREATE_GRACE);
            if gone && let Some(peak) = self.ledger.remove(*token).filter(|_| it.seen) {
                self.past.learn(it.tenant, &it.room, f64::from(peak));
            }
            !gone
        });
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10,000")]
        let cpu = cpu.map(|cpu| cpu as u32);
        let sample = PollSample { begun, cpu, meetings: &known, foreign_meetings, foreign_attendees };
        self.ledger.polled(NodeId(node), sample);
    }
}
