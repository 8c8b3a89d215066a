//! litestream, the program that copies the database to the store: which versions serve, how it is told what to
//! do, and how it is run.

mod plan;
mod run;
mod version;

pub use plan::{epoch_folder, write_plan};
pub use run::{end_left_over, follow, replicate, replicate_once, restore};
pub use version::{Program, ProgramError, find};
