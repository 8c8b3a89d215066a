//! Life on a node: attendees come and go by a seeded script.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::Attendee;
use crate::shared::Shared;

/// How the meetings of a node live when nobody else moves them.
#[derive(Debug, Clone)]
pub struct Script {
    /// Time between two steps.
    pub every: Duration,
    /// Most attendees a meeting tends to; each has a goal between 1 and this.
    pub most_attendees: usize,
    /// Chance that a meeting below its goal gains attendees in a step.
    pub join_chance: f64,
    /// Chance that a meeting loses an attendee in a step.
    pub leave_chance: f64,
    /// Chance that a meeting somebody has joined ends in a step.
    pub end_chance: f64,
    /// CPU figure without attendees, of 10,000.
    pub cpu_base: u32,
    /// What an attendee adds to the CPU figure, of 10,000.
    pub cpu_per_attendee: u32,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(2),
            most_attendees: 40,
            join_chance: 0.5,
            leave_chance: 0.2,
            end_chance: 0.002,
            cpu_base: 200,
            cpu_per_attendee: 20,
        }
    }
}

const NAMES: [&str; 12] = [
    "Ada Lovelace",
    "Björn Ångström",
    "Chloé O'Hara",
    "Dvořák & Söhne",
    "Emmy Noether",
    "Fatma Öztürk",
    "Grace Hopper",
    "Hanako 山田",
    "Ines <Gast>",
    "João \"Jota\" Silva",
    "Katherine Johnson",
    "Łukasz Żak",
];

/// Steps forever.
pub(crate) async fn play(node: Arc<Shared>, script: Script) {
    let mut rng = StdRng::seed_from_u64(node.options.seed.wrapping_add(1));
    let mut ticks = tokio::time::interval(script.every.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        step(&node, &script, &mut rng);
    }
}

/// One step of all meetings.
pub(crate) fn step(node: &Arc<Shared>, script: &Script, rng: &mut StdRng) {
    let chance = |rng: &mut StdRng, chance: f64| rng.random_bool(chance.clamp(0.0, 1.0));
    let mut over = Vec::new();
    let mut world = node.world.lock();
    let ids: Vec<String> = world.all().map(|meeting| meeting.id.clone()).collect();
    let mut total = 0;
    for id in ids {
        let joining = chance(rng, script.join_chance);
        let leaving = chance(rng, script.leave_chance);
        let ending = chance(rng, script.end_chance);
        let result = world.change(&id, |meeting| {
            // A goal of its own for each meeting, without having to remember it.
            let number = meeting.id.bytes().fold(7_usize, |sum, byte| sum * 31 % 9_973 + usize::from(byte));
            let goal = 1 + number % script.most_attendees.max(1);
            let missing = goal.saturating_sub(meeting.attendees.len());
            if joining && missing > 0 {
                for _ in 0..rng.random_range(1..=missing.div_ceil(4)) {
                    let first = meeting.attendees.is_empty();
                    meeting.attendees.push(somebody(rng, first));
                }
            } else if leaving && meeting.running() {
                let gone = rng.random_range(0..meeting.attendees.len());
                meeting.attendees.swap_remove(gone);
            }
            (meeting.attendees.len(), meeting.has_user_joined && ending)
        });
        match result {
            Some((_, true)) => over.push(id),
            Some((attendees, false)) => total += attendees,
            None => {}
        }
    }
    drop(world);
    for id in over {
        node.end(&id);
    }
    let attendees = u32::try_from(total).unwrap_or(u32::MAX);
    let noise = rng.random_range(0..100);
    let cpu = script.cpu_base + noise;
    node.set_cpu(script.cpu_per_attendee.saturating_mul(attendees).saturating_add(cpu));
    node.touched();
}

fn somebody(rng: &mut StdRng, first: bool) -> Attendee {
    let name = NAMES[rng.random_range(0..NAMES.len())];
    let voice = rng.random_bool(0.6);
    Attendee {
        presenter: first,
        voice,
        listening_only: !voice,
        video: voice && rng.random_bool(0.4),
        ..Attendee::new(&format!("w_{:012x}", rng.random::<u64>() >> 16), name, first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MeetingState, Options};

    fn played(seed: u64, steps: usize) -> (Vec<Vec<Attendee>>, u32) {
        let node = Arc::new(Shared::new(Options { seed, ..Options::default() }, None));
        for id in ["one", "two", "three"] {
            let draft = MeetingState { id: id.to_owned(), ..MeetingState::default() };
            node.world.lock().create(draft).unwrap();
        }
        let script = Script { end_chance: 0.0, ..Script::default() };
        let mut rng = StdRng::seed_from_u64(seed);
        for _ in 0..steps {
            step(&node, &script, &mut rng);
        }
        (node.world.lock().all().map(|meeting| meeting.attendees.clone()).collect(), node.cpu())
    }

    #[test]
    fn the_same_seed_is_the_same_life() {
        let (attendees, cpu) = played(7, 20);
        assert_eq!((attendees.clone(), cpu), played(7, 20));
        assert!(attendees.iter().any(|meeting| !meeting.is_empty()) && cpu >= 200);
    }

    #[test]
    fn meetings_that_were_joined_end_sometimes() {
        let node = Arc::new(Shared::new(Options::default(), None));
        let draft = MeetingState { id: "m".to_owned(), ..MeetingState::default() };
        node.world.lock().create(draft).unwrap();
        let script = Script { join_chance: 1.0, end_chance: 1.0, ..Script::default() };
        let mut rng = StdRng::seed_from_u64(1);
        step(&node, &script, &mut rng);
        assert_eq!((node.world.lock().len(), node.cpu() > 0), (1, true));
        step(&node, &script, &mut rng);
        assert_eq!(node.world.lock().len(), 0);
    }
}
