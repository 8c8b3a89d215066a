//! Housekeeping that nobody waits for.

mod audit;
mod callbacks;
mod figures;
mod pulse;

pub use audit::prune_audit;
pub use callbacks::deliver_callbacks;
pub use figures::{keep_figures, oldest_past, write_figures};
pub use pulse::keep_pulse;
