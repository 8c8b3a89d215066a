//! Whether this daemon is the primary of its store or a replica, and who the primary is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};
use tokio::sync::{Notify, watch};

use super::Promotion;
use crate::role::{BootTime, Claim, Claims, Epoch, Lease, Machine, Nonce, Role};

/// A copy that is further behind is a problem.
const LATE: Duration = Duration::from_secs(20);

/// More restores than this within the time are a problem.
const RESTORES: usize = 2;
const RESTORES_WITHIN: Duration = Duration::from_mins(10);

/// Another daemon that is the primary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimaryAddress {
    /// Its host name, for people.
    pub host: String,
    /// How to reach it, if it says so.
    pub url: Option<String>,
}

/// What is known of the copy that a replica follows.
#[derive(Clone, Copy, Debug)]
struct Copy {
    /// The last heartbeat in it.
    beat: i64,
    /// When that one arrived.
    since: BootTime,
}

/// The role of this daemon. One without a store is alone: it is the primary, and always acts.
#[derive(Debug)]
pub struct Standing {
    machine: Option<Mutex<Machine>>,
    /// By the highest claim.
    role: watch::Sender<Role>,
    primary: Mutex<Option<Arc<PrimaryAddress>>>,
    /// Whether the primary answers.
    answers: watch::Sender<bool>,
    copy: Mutex<Option<Copy>>,
    /// When the copy was restored again lately.
    restores: Mutex<Vec<BootTime>>,
    /// Somebody says that there is a higher claim.
    doubt: Notify,
    /// It has the database to act as the primary.
    leads: AtomicBool,
    /// It does not lead, or another one has the highest claim.
    is_replica: AtomicBool,
    /// A former primary copies its last changes.
    is_handing_over: AtomicBool,
    /// It could not.
    has_lost_changes: AtomicBool,
    /// Why the database is not copied to the store, or the copy not followed.
    trouble: Mutex<Option<String>>,
    /// A takeover that an operator asks for.
    pub promotion: Promotion,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            machine: None,
            role: watch::Sender::new(Role::Primary),
            primary: Mutex::default(),
            // Until it was asked.
            answers: watch::Sender::new(true),
            copy: Mutex::default(),
            restores: Mutex::default(),
            doubt: Notify::new(),
            leads: AtomicBool::new(true),
            is_replica: AtomicBool::new(false),
            is_handing_over: AtomicBool::new(false),
            has_lost_changes: AtomicBool::new(false),
            trouble: Mutex::default(),
            promotion: Promotion::default(),
        }
    }
}

impl Standing {
    /// The role of a daemon that shares a store with others.
    pub fn of(machine: Machine, primary: Option<PrimaryAddress>) -> Self {
        let role = watch::Sender::new(machine.role());
        let leads = machine.role() == Role::Primary;
        let (leads, is_replica) = (AtomicBool::new(leads), AtomicBool::new(!leads));
        let primary = Mutex::new(primary.map(Arc::new));
        Self { machine: Some(Mutex::new(machine)), role, leads, is_replica, primary, ..Self::default() }
    }

    /// Whether this daemon changes nothing, because another one is the primary or it has not taken over yet.
    pub fn is_replica(&self) -> bool {
        self.is_replica.load(Ordering::Relaxed)
    }

    /// May this daemon accept new meetings and changes, and send callbacks?
    pub fn may_act(&self) -> bool {
        !self.is_replica() && self.machine.as_ref().is_none_or(|it| it.lock().may_act(boot_time()))
    }

    /// Notes whether this daemon has the database to act as the primary.
    pub fn leads(&self, now: bool) {
        self.leads.store(now, Ordering::Relaxed);
        self.note_role();
    }

    /// Every request asks for the outcome, so that it is kept.
    fn note_role(&self) {
        let leads = self.leads.load(Ordering::Relaxed) && *self.role.borrow() == Role::Primary;
        self.is_replica.store(!leads, Ordering::Relaxed);
    }

    /// Records the claims, as listed by a request that began at `begun`, and who has made the highest one.
    pub fn claims_read(&self, claims: Claims, highest: Option<PrimaryAddress>, begun: BootTime) {
        let Some(machine) = &self.machine else { return };
        let mut machine = machine.lock();
        machine.claims_read(claims, begun, boot_time());
        if machine.epoch() == claims.highest.map(|it| it.epoch) {
            let other = highest.filter(|_| machine.role() != Role::Primary);
            *self.primary.lock() = other.map(Arc::new);
        }
        let role = machine.role();
        self.role.send_if_modified(|known| std::mem::replace(known, role) != role);
        self.note_role();
    }

    /// Notes that this daemon runs. If it was stopped for too long, it does not act until it has read the claims again.
    pub fn note_runs(&self) {
        let stopped = self.machine.as_ref().and_then(|it| it.lock().runs(boot_time()));
        if let Some(stopped) = stopped {
            let seconds = stopped.as_secs_f64();
            tracing::warn!(seconds, "this daemon was stopped: it reads the claims before it goes on");
            self.doubt.notify_one();
        }
    }

    /// Waits until another daemon has the highest claim.
    pub async fn is_superseded(&self) {
        // The sender is here.
        let _ = self.role.subscribe().wait_for(|role| *role != Role::Primary).await;
    }

    /// The epoch of the highest claim; none without a store.
    pub fn epoch(&self) -> Option<Epoch> {
        self.machine.as_ref()?.lock().epoch()
    }

    /// Somebody says that there is a claim of this epoch: if it is higher than any known, the claims are read again. Who
    /// proves it is believed at once.
    pub fn hear_of(&self, epoch: Epoch, proof: Option<&str>) {
        let Some(machine) = &self.machine else { return };
        let mut machine = machine.lock();
        if machine.epoch().is_none_or(|known| epoch <= known) {
            return;
        }
        if machine.own_claim().zip(proof).is_some_and(|(claim, proof)| claim.proves_takeover(epoch, proof)) {
            machine.takeover_proved(epoch);
        }
        self.doubt.notify_one();
    }

    /// Whether this former primary has stopped acting because another daemon has taken over, whose claim it cannot read.
    pub fn is_told_of_takeover(&self) -> bool {
        self.machine.as_ref().is_some_and(|it| it.lock().is_told_of_takeover())
    }

    /// The highest claim.
    pub fn highest_claim(&self) -> Option<Claim> {
        self.machine.as_ref()?.lock().highest()
    }

    /// Waits until somebody says that there is a higher claim.
    pub async fn claims_doubted(&self) {
        self.doubt.notified().await;
    }

    /// Notes that this former primary begins to copy its last changes.
    pub fn hands_over(&self) {
        self.has_lost_changes.store(false, Ordering::Relaxed);
        self.is_handing_over.store(true, Ordering::Relaxed);
    }

    /// Notes whether it has copied them all.
    pub fn has_handed_over(&self, everything: bool) {
        self.has_lost_changes.store(!everything, Ordering::Relaxed);
        self.is_handing_over.store(false, Ordering::Relaxed);
    }

    /// Whether this former primary could not copy its last changes.
    pub fn has_lost_changes(&self) -> bool {
        self.has_lost_changes.load(Ordering::Relaxed)
    }

    /// Whether this former primary is still copying its last changes.
    pub fn is_handing_over(&self) -> bool {
        let is_superseded = *self.role.borrow() != Role::Primary;
        self.is_handing_over.load(Ordering::Relaxed) || (self.leads.load(Ordering::Relaxed) && is_superseded)
    }

    /// The claim by which this daemon takes over: one to be written, or its own if it is the highest.
    pub fn claim_by_hand(&self, nonce: Nonce) -> Option<Claim> {
        let machine = self.machine.as_ref()?.lock();
        machine.claim_by_hand(nonce).or_else(|| machine.own_claim())
    }

    /// The claim of an automatic takeover, if the primary is gone and this replica is fit to follow it.
    pub fn claim_automatically(&self, nonce: Nonce, reaches_most_nodes: bool) -> Option<Claim> {
        let copied = (*self.copy.lock())?.since;
        let machine = self.machine.as_ref()?.lock();
        // How old the copy was when the primary was last heard of.
        let lag = machine.lease_since()?.saturating_sub(copied);
        machine.claim_automatically(nonce, boot_time(), lag, reaches_most_nodes)
    }

    /// Whether this replica takes over by itself now.
    pub fn may_take_over(&self, reaches_most_nodes: bool) -> bool {
        self.claim_automatically(Nonce(0), reaches_most_nodes).is_some()
    }

    /// The last automatic takeover since which the pause has passed.
    pub fn rested(&self) -> Option<Epoch> {
        self.machine.as_ref()?.lock().rested(boot_time())
    }

    /// Records the lease as found by a request that began at `begun`.
    pub fn lease_read(&self, lease: Option<Lease>, begun: BootTime) {
        if let Some(machine) = &self.machine {
            machine.lock().lease_read(lease, begun, boot_time());
        }
    }

    /// The version of the lease that this daemon may replace now, and its epoch: `None` in the pair creates it.
    pub fn lease_to_replace(&self) -> Option<(Option<Nonce>, Epoch)> {
        let machine = self.machine.as_ref()?.lock();
        Some((machine.lease_to_replace()?, machine.epoch()?))
    }

    /// Notes that a write of the lease begins.
    pub fn lease_written(&self, nonce: Nonce) {
        if let Some(machine) = &self.machine {
            machine.lock().lease_written(nonce, boot_time());
        }
    }

    /// Whether the highest claim is this daemon's, although it does not act as the primary yet.
    pub fn has_to_lead(&self) -> bool {
        self.is_replica() && *self.role.borrow() == Role::Primary
    }

    /// The primary, if it is another daemon.
    pub fn primary(&self) -> Option<Arc<PrimaryAddress>> {
        self.primary.lock().clone()
    }

    /// Notes whether the primary answers.
    pub fn note_answers(&self, answers: bool) {
        self.answers.send_if_modified(|known| std::mem::replace(known, answers) != answers);
    }

    /// Whether the primary answers.
    pub fn primary_answers(&self) -> bool {
        *self.answers.borrow()
    }

    /// Waits until the primary does not answer.
    pub async fn primary_is_gone(&self) {
        // The sender is here.
        let _ = self.answers.subscribe().wait_for(|answers| !answers).await;
    }

    /// Notes the last heartbeat in the copy.
    pub fn note_beat(&self, beat: i64) {
        let mut copy = self.copy.lock();
        if copy.is_none_or(|it| it.beat != beat) {
            *copy = Some(Copy { beat, since: boot_time() });
        }
    }

    /// How long the heartbeat in the copy of this replica has not changed. Counts the time of the followed copy, not
    /// of the program that follows: that one can stand still without a word.
    pub fn lag(&self) -> Option<Duration> {
        let since = self.copy.lock().filter(|_| self.is_replica())?.since;
        Some(boot_time().saturating_sub(since))
    }

    /// Notes that the copy was restored again.
    pub fn note_restore(&self) {
        let (now, mut restores) = (boot_time(), self.restores.lock());
        restores.retain(|at| now.saturating_sub(*at) < RESTORES_WITHIN);
        restores.push(now);
    }

    /// Notes why the database is not copied to the store, or the copy not followed; or that it is.
    pub fn note_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock() = trouble;
    }

    /// What an operator has to look at.
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<_> = self.trouble.lock().clone().into_iter().collect();
        if !self.is_replica() {
            if !self.may_act() {
                let blind =
                    "claims or lease in the store cannot be read: new meetings and changes are refused";
                problems.push(blind.to_owned());
            }
            return problems;
        }
        match self.primary() {
            Some(primary) if primary.url.is_none() => problems.push(format!(
                "the primary {} has no B3LB_ADVERTISE_URL, so that new meetings are refused here",
                primary.host
            )),
            Some(primary) if !self.primary_answers() => problems
                .push(format!("the primary {} does not answer: new meetings are refused", primary.host)),
            _ => {}
        }
        let now = boot_time();
        let lately =
            self.restores.lock().iter().filter(|at| now.saturating_sub(**at) < RESTORES_WITHIN).count();
        if lately > RESTORES {
            problems.push(format!(
                "the copy of the primary's database was restored {lately} times within 10 minutes"
            ));
        }
        if self.lag().is_some_and(|lag| lag > LATE) {
            problems.push("the copy of the primary's database is not up to date".to_owned());
        }
        problems
    }
}

/// The time since the machine booted, suspension included.
pub fn boot_time() -> BootTime {
    let now = clock_gettime(ClockId::Boottime);
    // Neither is negative.
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or(0))
}
