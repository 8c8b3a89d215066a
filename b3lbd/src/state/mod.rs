//! The current state in memory: configuration, bindings, and results of polls.

mod change_feed;
mod clock;
mod counters;
mod fleet;
mod history;
mod journal;
mod lists;
mod meeting;
mod open_problems;
mod pool;
mod promotion;
mod rates;
mod refusals;
mod registry;
mod rounds;
mod standing;
mod task_runs;
mod turns;

pub use change_feed::ChangeFeed;
pub use clock::Clock;
pub use counters::{Count, Counters};
pub use fleet::{Fleet, InternalIds, NodeCell, NodeLive, Report};
pub use history::{History, Sample};
pub use journal::{Entry, Journal, JournalEntry};
pub use lists::Lists;
pub use meeting::{Meeting, Observation, Owner};
pub use open_problems::{OpenProblem, OpenProblems, ProblemChanges};
pub use pool::{Limit, NoPlace, Placing, Pool, Restored};
pub use promotion::{Promotion, Steps};
pub use rates::{PerSecond, Rates};
pub use refusals::Refusals;
pub use registry::{Registry, Target, Totals, Transition};
pub use rounds::FirstRound;
pub use standing::{PrimaryAddress, Standing, boot_time};
pub use task_runs::TaskRuns;
pub use turns::{Turn, Turns};
