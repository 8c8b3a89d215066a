//! One run: faults for ten minutes, or some hours, then a takeover by hand on one daemon that reaches the store.

use b3lbd::role::{AUTOMATIC_PAUSE, CLAIMS_MAX_AGE, Claim, Epoch, Failover, Takeover};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::daemon::Daemon;
use crate::network::Network;
use crate::store::Store;

/// A rule that is left out, to show that the model notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    NoLease,
    RenewalCountsFromItsReply,
    NoCheckAtTheAct,
    RestartEndsThePause,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    pub acts: u64,
    pub by_hand: u64,
    pub automatic: u64,
    /// Operators who learned that their claim was written although its first answer was lost.
    pub told_late: u64,
}

impl Totals {
    pub fn add(&mut self, other: Self) {
        self.acts += other.acts;
        self.by_hand += other.by_hand;
        self.automatic += other.automatic;
        self.told_late += other.told_late;
    }
}

const STEP: f64 = 0.5;
/// How long faults last in most runs, and in one of [`LONG_RUNS`]: there a second automatic takeover is due.
const SHORT: f64 = 600.0;
const LONG: f64 = 9_000.0;
const LONG_RUNS: u64 = 25;
/// Time for the last takeover.
const CALM: f64 = 120.0;
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
    let mut network = Network::default();
    let mut totals = Totals::default();
    let mut next_round = [0.0, 1.0, 2.0];
    let heir = rng.random_range(0..3);
    let faults_end = if seed.is_multiple_of(LONG_RUNS) { LONG } else { SHORT };
    let mut time = 0.0;
    while time < faults_end + CALM {
        for (n, daemon) in daemons.iter_mut().enumerate() {
            // In the end all but the heir may be anywhere.
            let faulty = time < faults_end || n != heir;
            if time >= faults_end && n != heir {
                daemon.promoting = None;
            }
            if time >= faults_end && n == heir {
                daemon.paused_until = daemon.paused_until.min(time);
                daemon.cut_off_until = daemon.cut_off_until.min(time);
            }
            if faulty {
                disturb(daemon, &mut rng, time);
            }
            if time < daemon.paused_until {
                continue;
            }
            if daemon.machine.runs(daemon.now(time)).is_some() {
                daemon.woke = time;
            }
            if time < faults_end && rng.random_bool(0.0005) || time >= faults_end && n == heir {
                daemon.promote();
            }
            if time >= next_round[n] {
                next_round[n] = time + 5.0;
                for request in daemon.round(time) {
                    network.send(&mut rng, n, daemon, request, time, faulty);
                }
            }
        }
        let calm = (time >= faults_end).then_some(heir);
        totals.told_late += network.deliver(&mut daemons, &mut store, &mut rng, time, calm)?;
        totals.acts += check(&daemons, &store, time)?;
        time += STEP;
    }
    if !daemons[heir].may_act(time) {
        return Err(format!("daemon {heir} was promoted by hand, but cannot act"));
    }
    check_pauses(&store)?;
    for (claim, _) in &store.claims {
        totals.by_hand += u64::from(claim.takeover == Takeover::ByHand);
        totals.automatic += u64::from(claim.takeover == Takeover::Automatic);
    }
    Ok(totals)
}

/// Pauses, cuts off, restarts or reboots a daemon now and then.
fn disturb(daemon: &mut Daemon, rng: &mut StdRng, time: f64) {
    if rng.random_bool(0.002) {
        daemon.paused_until = time + rng.random_range(1.0..60.0);
    }
    if rng.random_bool(0.003) {
        daemon.cut_off_until = time + rng.random_range(5.0..120.0);
    }
    if rng.random_bool(0.001) {
        daemon.restart();
    }
    if rng.random_bool(0.0002) {
        daemon.reboot(time);
    }
}

/// Two may act at once only after a takeover by hand, and only until the former primary's view is too old, or until it
/// goes on after it was stopped.
fn check(daemons: &[Daemon], store: &Store, time: f64) -> Result<u64, String> {
    let awake = daemons.iter().filter(|it| time >= it.paused_until && it.may_act(time));
    let mut acting: Vec<(Epoch, f64)> = awake.filter_map(|it| Some((it.machine.epoch()?, it.woke))).collect();
    acting.sort_by_key(|(epoch, _)| *epoch);
    let epochs: Vec<Epoch> = acting.iter().map(|(epoch, _)| *epoch).collect();
    for (pair, (_, woke)) in epochs.windows(2).zip(&acting) {
        if pair[0] == pair[1] {
            return Err(format!("{time}: two daemons act in epoch {}", pair[1].get()));
        }
        // The first claim by hand after the older epoch ends it.
        let mut newer = store.claims.iter().filter(|(it, _)| it.epoch > pair[0] && it.epoch <= pair[1]);
        let first: Option<(Claim, f64)> = newer.next().copied();
        let limit = CLAIMS_MAX_AGE.as_secs_f64() * (1.0 + 2.0 * DRIFT) + STEP;
        // One that was stopped meanwhile looks before it goes on.
        let allowed = first
            .is_some_and(|(it, at)| it.takeover == Takeover::ByHand && time - at <= limit && *woke <= at);
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

/// By no clock are two automatic takeovers closer than the pause.
fn check_pauses(store: &Store) -> Result<(), String> {
    let times: Vec<f64> = store.automatic().map(|(_, at)| at).collect();
    let least = AUTOMATIC_PAUSE.as_secs_f64() * (1.0 - DRIFT);
    match times.windows(2).find(|pair| pair[1] - pair[0] < least) {
        Some(pair) => Err(format!("automatic takeovers at {} and {}", pair[0], pair[1])),
        None => Ok(()),
    }
}
