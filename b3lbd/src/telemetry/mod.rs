//! What Prometheus is told: events counted as they happen, and a writer for state computed at a scrape.

mod exposition;
mod metrics;

pub use exposition::{Exposition, Kind};
pub use metrics::{Metrics, Outcome};
