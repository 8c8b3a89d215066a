//! What the daemon knows right now, in memory: configuration, bindings, what polls have seen.

mod clock;
mod counters;
mod fleet;
mod lists;
mod pool;
mod registry;
mod rounds;
mod turns;

pub use clock::Clock;
pub use counters::{Count, Counters};
pub use fleet::{Fleet, NodeCell, NodeLive, Report};
pub use lists::Lists;
pub use pool::{Limit, NoPlace, Placing, Pool};
pub use registry::{Figures, Instance, Meeting, MeetingKey, Registry, Sight};
pub use rounds::FirstRound;
pub use turns::{Turn, Turns};
