//! litestream, the program that copies the database to the store: which versions serve, and how it is told what to do.

mod plan;
mod version;

pub use plan::{epoch_folder, write_plan};
pub use version::{Program, ProgramError, find};
