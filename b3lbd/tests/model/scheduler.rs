//! A scheduler whose choices are derived from a seed: which task runs next, and how long everything takes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::Mutex;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// Start time of every run, in milliseconds since 1970.
pub const START: i64 = 1_700_000_000_000;

/// The actor on whose behalf a task runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nodes, networks, browsers: they survive a crash of the daemon.
    World,
    /// The daemon, handling a request of this meeting's client, given as `secret/id`.
    Client(String),
    /// The daemon's own tasks.
    Daemon,
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Task {
    actor: Actor,
    work: Work,
}

/// Ready tasks by number; a task that is woken twice is ready once.
type Ready = Arc<Mutex<BTreeSet<u64>>>;

struct TaskWaker {
    task: u64,
    ready: Ready,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.ready.lock().insert(self.task);
    }
}

#[derive(Default)]
struct Timers {
    heap: BinaryHeap<Reverse<(i64, u64)>>,
    wakers: BTreeMap<u64, Waker>,
    next: u64,
}

/// The scheduler, and the state shared with its tasks.
pub struct Scheduler {
    rng: Mutex<SmallRng>,
    elapsed: Arc<AtomicI64>,
    /// Milliseconds since 1970 on the clock of each node; no two clocks agree.
    node_clocks: Mutex<Vec<Arc<AtomicU64>>>,
    ready: Ready,
    timers: Mutex<Timers>,
    /// Tasks that a running task has spawned.
    born: Mutex<Vec<(u64, Task)>>,
    next_task: AtomicU64,
    current: Mutex<Actor>,
    trace: bool,
}

impl Scheduler {
    /// Creates a scheduler for this seed; with `trace`, it prints notes.
    pub fn new(seed: u64, trace: bool) -> Arc<Self> {
        Arc::new(Self {
            rng: Mutex::new(SmallRng::seed_from_u64(seed)),
            elapsed: Arc::default(),
            node_clocks: Mutex::default(),
            ready: Ready::default(),
            timers: Mutex::default(),
            born: Mutex::default(),
            next_task: AtomicU64::new(0),
            current: Mutex::new(Actor::World),
            trace,
        })
    }

    /// Prints a note, if tracing is enabled.
    pub fn note(&self, text: impl FnOnce() -> String) {
        if self.trace {
            println!("{:>8} ms  {}", self.elapsed.load(Ordering::Relaxed), text());
        }
    }

    /// The virtual time in milliseconds.
    pub fn elapsed(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.elapsed)
    }

    /// Creates the clock of another node.
    pub fn node_clock(&self) -> Arc<AtomicU64> {
        let mut clocks = self.node_clocks.lock();
        let clock = Arc::new(AtomicU64::new(START.unsigned_abs() + Self::ahead(clocks.len())));
        clocks.push(Arc::clone(&clock));
        clock
    }

    /// Offset of a node's clock, in milliseconds.
    fn ahead(node: usize) -> u64 {
        node as u64 * 100_000_000
    }

    /// A random number from 0 to `end`, exclusive.
    pub fn below(&self, end: u64) -> u64 {
        self.rng.lock().random_range(0..end)
    }

    /// True with this probability.
    pub fn percent(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// The actor of the running task.
    pub fn current(&self) -> Actor {
        self.current.lock().clone()
    }

    /// Starts a task.
    pub fn spawn(&self, actor: Actor, work: impl Future<Output = ()> + Send + 'static) {
        let number = self.next_task.fetch_add(1, Ordering::Relaxed);
        self.born.lock().push((number, Task { actor, work: Box::pin(work) }));
        self.ready.lock().insert(number);
    }

    /// Sleeps for this many milliseconds.
    pub fn sleep(self: &Arc<Self>, milliseconds: u64) -> impl Future<Output = ()> + Send + use<> {
        let this = Arc::clone(self);
        let mut until = None;
        std::future::poll_fn(move |context: &mut Context<'_>| {
            let now = this.elapsed.load(Ordering::Relaxed);
            let until = *until.get_or_insert(now + milliseconds.cast_signed());
            if now >= until {
                return Poll::Ready(());
            }
            let mut timers = this.timers.lock();
            let number = timers.next;
            timers.next += 1;
            timers.heap.push(Reverse((until, number)));
            timers.wakers.insert(number, context.waker().clone());
            Poll::Pending
        })
    }

    /// Advances the time to the next timer; returns false if there is none before `end`.
    fn advance(&self, end: i64) -> bool {
        let mut timers = self.timers.lock();
        let Some(Reverse((at, _))) = timers.heap.peek().copied() else { return false };
        if at > end {
            return false;
        }
        self.set_elapsed(at);
        while let Some(Reverse((due, number))) = timers.heap.peek().copied() {
            if due > at {
                break;
            }
            timers.heap.pop();
            if let Some(waker) = timers.wakers.remove(&number) {
                waker.wake();
            }
        }
        true
    }

    fn set_elapsed(&self, elapsed: i64) {
        self.elapsed.store(elapsed, Ordering::Relaxed);
        for (node, clock) in self.node_clocks.lock().iter().enumerate() {
            clock.store((START + elapsed).unsigned_abs() + Self::ahead(node), Ordering::Relaxed);
        }
    }

    /// Advances the time without running anything.
    pub fn skip(&self, milliseconds: i64) {
        self.set_elapsed(self.elapsed.load(Ordering::Relaxed) + milliseconds);
    }
}

/// Yields to other tasks.
pub fn pause() -> impl Future<Output = ()> + Send {
    let mut paused = false;
    std::future::poll_fn(move |context: &mut Context<'_>| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

/// The tasks of a run.
pub struct Tasks {
    scheduler: Arc<Scheduler>,
    tasks: BTreeMap<u64, Task>,
}

impl Tasks {
    /// Starts without tasks.
    pub fn new(scheduler: &Arc<Scheduler>) -> Self {
        Self { scheduler: Arc::clone(scheduler), tasks: BTreeMap::new() }
    }

    /// Kills all tasks of the daemon where they are, like `kill -9`.
    pub fn kill_daemon(&mut self) {
        self.adopt();
        self.tasks.retain(|_, task| task.actor == Actor::World);
    }

    fn adopt(&mut self) {
        self.tasks.extend(std::mem::take(&mut *self.scheduler.born.lock()));
    }

    /// Runs one step of a random ready task, or advances the time if none is ready. Returns false if there is
    /// nothing left to do before `end` (milliseconds since the start).
    pub fn step(&mut self, end: i64) -> bool {
        self.adopt();
        let number = {
            let mut ready = self.scheduler.ready.lock();
            ready.retain(|number| self.tasks.contains_key(number));
            if ready.is_empty() {
                drop(ready);
                return self.scheduler.advance(end);
            }
            let chosen = self.scheduler.below(ready.len() as u64);
            let number = *ready.iter().nth(usize::try_from(chosen).unwrap()).unwrap();
            ready.remove(&number);
            number
        };
        let task = self.tasks.get_mut(&number).unwrap();
        *self.scheduler.current.lock() = task.actor.clone();
        let waker =
            Waker::from(Arc::new(TaskWaker { task: number, ready: Arc::clone(&self.scheduler.ready) }));
        if task.work.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            self.tasks.remove(&number);
        }
        *self.scheduler.current.lock() = Actor::World;
        true
    }
}
