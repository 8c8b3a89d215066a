//! One run: faults for ten minutes, then a takeover by hand without faults.

use b3lbd::role::{CLAIMS_MAX_AGE, Claim, Epoch, Failover, Takeover};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::daemon::Daemon;
use crate::store::{Reply, Request, Store};

/// A rule that is left out, to show that the model notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    NoLease,
    RenewalCountsFromItsReply,
    NoCheckAtTheAct,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    pub acts: u64,
    pub by_hand: u64,
    pub automatic: u64,
}

impl Totals {
    pub fn add(&mut self, other: Self) {
        self.acts += other.acts;
        self.by_hand += other.by_hand;
        self.automatic += other.automatic;
    }
}

enum Message {
    Request(Request),
    Reply(Reply),
}

struct Flight {
    at: f64,
    daemon: usize,
    process: u32,
    begun: f64,
    message: Message,
}

const STEP: f64 = 0.5;
const FAULTS_END: f64 = 600.0;
const END: f64 = FAULTS_END + 120.0;
/// Clocks run up to this much fast or slow.
const DRIFT: f64 = 0.02;

pub fn run(seed: u64, fault: Fault) -> Result<Totals, String> {
    let mut rng = StdRng::seed_from_u64(seed);
    let failover =
        if rng.random_bool(0.7) || fault != Fault::None { Failover::Automatic } else { Failover::Manual };
    let mut daemons: Vec<Daemon> = (0..3)
        .map(|n| {
            let clock = (1.0 + rng.random_range(-DRIFT..DRIFT), rng.random_range(0.0..1e6));
            Daemon::new(n, failover, clock, fault)
        })
        .collect();
    let mut store = Store::default();
    let mut flights: Vec<Flight> = Vec::new();
    let mut totals = Totals::default();
    let mut next_round = [0.0, 1.0, 2.0];
    let heir = rng.random_range(0..3);
    let mut time = 0.0;
    while time < END {
        let faulty = time < FAULTS_END;
        for (n, daemon) in daemons.iter_mut().enumerate() {
            if faulty && rng.random_bool(0.002) {
                daemon.paused_until = (time + rng.random_range(1.0..60.0)).min(FAULTS_END);
            }
            if faulty && rng.random_bool(0.003) {
                daemon.cut_off_until = (time + rng.random_range(5.0..120.0)).min(FAULTS_END);
            }
            if faulty && rng.random_bool(0.001) {
                daemon.restart();
            }
            if time < daemon.paused_until {
                continue;
            }
            let mut requests = Vec::new();
            if time >= next_round[n] {
                next_round[n] = time + 5.0;
                requests = daemon.round(time);
            }
            let by_hand =
                faulty && rng.random_bool(0.0005) || !faulty && n == heir && time < FAULTS_END + 60.0;
            if by_hand {
                let nonce = daemon.nonce();
                requests.extend(daemon.machine.claim_by_hand(nonce).map(Request::Claim));
            }
            for request in requests {
                let at = time + delay(&mut rng, faulty);
                flights.push(Flight {
                    at,
                    daemon: n,
                    process: daemon.process,
                    begun: time,
                    message: Message::Request(request),
                });
            }
        }
        deliver(&mut flights, &mut daemons, &mut store, &mut rng, time)?;
        totals.acts += check(&daemons, &store, time)?;
        time += STEP;
    }
    if !daemons[heir].may_act(time) {
        return Err(format!("daemon {heir} was promoted by hand, but cannot act"));
    }
    for (claim, _) in &store.claims {
        totals.by_hand += u64::from(claim.takeover == Takeover::ByHand);
        totals.automatic += u64::from(claim.takeover == Takeover::Automatic);
    }
    Ok(totals)
}

fn delay(rng: &mut StdRng, faulty: bool) -> f64 {
    if faulty && rng.random_bool(0.1) { rng.random_range(1.0..40.0) } else { rng.random_range(0.0..1.0) }
}

fn deliver(
    flights: &mut Vec<Flight>,
    daemons: &mut [Daemon],
    store: &mut Store,
    rng: &mut StdRng,
    time: f64,
) -> Result<(), String> {
    let faulty = time < FAULTS_END;
    let (due, later) = std::mem::take(flights).into_iter().partition(|it| it.at <= time);
    *flights = later;
    let mut due: Vec<Flight> = due;
    due.sort_by(|a, b| a.at.total_cmp(&b.at));
    for flight in due {
        let daemon = &mut daemons[flight.daemon];
        if time < daemon.cut_off_until || faulty && rng.random_bool(0.05) {
            continue;
        }
        match flight.message {
            Message::Request(request) => {
                let before = store.claims.last().map(|(it, _)| it.epoch);
                let reply = store.handle(request, time);
                if store.claims.last().map(|(it, _)| it.epoch) < before {
                    return Err(format!("{time}: the epoch went back"));
                }
                let at = time + delay(rng, faulty);
                flights.push(Flight { at, message: Message::Reply(reply), ..flight });
            }
            Message::Reply(_) if time < daemon.paused_until => {
                flights.push(Flight { at: daemon.paused_until, ..flight });
            }
            Message::Reply(reply) if flight.process == daemon.process => {
                daemon.receive(reply, flight.begun, time);
            }
            Message::Reply(_) => {}
        }
    }
    Ok(())
}

/// Two may act at once only after a takeover by hand, and only until the former primary's view is too old.
fn check(daemons: &[Daemon], store: &Store, time: f64) -> Result<u64, String> {
    let awake = daemons.iter().filter(|it| time >= it.paused_until && it.may_act(time));
    let mut epochs: Vec<Epoch> = awake.filter_map(|it| it.machine.epoch()).collect();
    epochs.sort();
    for pair in epochs.windows(2) {
        if pair[0] == pair[1] {
            return Err(format!("{time}: two daemons act in epoch {}", pair[1].get()));
        }
        // The first claim by hand after the older epoch ends it.
        let mut newer = store.claims.iter().filter(|(it, _)| it.epoch > pair[0] && it.epoch <= pair[1]);
        let first: Option<(Claim, f64)> = newer.next().copied();
        let limit = CLAIMS_MAX_AGE.as_secs_f64() * (1.0 + 2.0 * DRIFT) + STEP;
        let allowed = first.is_some_and(|(it, at)| it.takeover == Takeover::ByHand && time - at <= limit);
        if !allowed {
            return Err(format!(
                "{time}: epochs {} and {} act at once: {:?}",
                pair[0].get(),
                pair[1].get(),
                store.claim(pair[1])
            ));
        }
    }
    Ok(epochs.len() as u64)
}
