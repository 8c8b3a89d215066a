//! Housekeeping that nobody waits for.

mod callbacks;
mod figures;

pub use callbacks::deliver_callbacks;
pub use figures::{keep_figures, oldest_past, write_figures};
