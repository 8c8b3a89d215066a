//! What Prometheus is told: events counted as they happen, and a writer for state computed at a scrape.

mod events;
mod exposition;

pub use events::{Events, Outcome};
pub use exposition::{Exposition, Kind};
