//! Background jobs that no request waits for.

mod audit;
mod callbacks;
mod drains;
mod events;
mod history;
mod problems;
mod pulse;
mod statistics;

pub use audit::prune_audit;
pub use callbacks::deliver_callbacks;
pub use drains::follow_drains;
pub use events::{keep_events, write_events};
pub use history::{keep_history, write_history};
pub use problems::look_for_problems;
pub use pulse::keep_pulse;
pub use statistics::{keep_statistics, write_statistics};
