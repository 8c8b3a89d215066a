//! The network between daemons and store: it delays, reorders and drops requests and replies.

use b3lbd::role::{Claim, Outcome};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::daemon::Daemon;
use crate::store::{Reply, Request, Store};

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

#[derive(Default)]
pub struct Network {
    flights: Vec<Flight>,
    /// Claims that were written and whose answer was dropped.
    unanswered: Vec<Claim>,
}

impl Network {
    pub fn send(
        &mut self,
        rng: &mut StdRng,
        n: usize,
        daemon: &Daemon,
        request: Request,
        time: f64,
        faulty: bool,
    ) {
        let at = time + delay(rng, faulty);
        let message = Message::Request(request);
        self.flights.push(Flight { at, daemon: n, process: daemon.process, begun: time, message });
    }

    /// Delivers what is due; the link of the daemon `calm` has no faults. Returns how many operators learned
    /// only by a repetition that their claim was written.
    pub fn deliver(
        &mut self,
        daemons: &mut [Daemon],
        store: &mut Store,
        rng: &mut StdRng,
        time: f64,
        calm: Option<usize>,
    ) -> Result<u64, String> {
        let mut told_late = 0;
        let (mut due, later): (Vec<_>, _) =
            std::mem::take(&mut self.flights).into_iter().partition(|it| it.at <= time);
        self.flights = later;
        due.sort_by(|a, b| a.at.total_cmp(&b.at));
        for flight in due {
            let faulty = calm != Some(flight.daemon);
            let daemon = &mut daemons[flight.daemon];
            if time < daemon.cut_off_until || faulty && rng.random_bool(0.05) {
                if let Message::Reply(Reply::Claimed(claim)) = flight.message {
                    self.unanswered.push(claim);
                }
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
                    self.flights.push(Flight { at, message: Message::Reply(reply), ..flight });
                }
                Message::Reply(_) if time < daemon.paused_until => {
                    self.flights.push(Flight { at: daemon.paused_until, ..flight });
                }
                Message::Reply(reply) if flight.process == daemon.process => {
                    let Some((claim, outcome)) = daemon.receive(reply, flight.begun, time) else { continue };
                    told_late += u64::from(outcome == Outcome::Won && self.unanswered.contains(&claim));
                    let is_stored = store.claim(claim.epoch).is_some_and(|(it, _)| it == claim);
                    if is_stored != (outcome == Outcome::Won) {
                        return Err(format!("{time}: {claim:?} is {outcome:?}, stored: {is_stored}"));
                    }
                }
                Message::Reply(_) => {}
            }
        }
        Ok(told_late)
    }
}

fn delay(rng: &mut StdRng, faulty: bool) -> f64 {
    if faulty && rng.random_bool(0.1) { rng.random_range(1.0..40.0) } else { rng.random_range(0.0..1.0) }
}
