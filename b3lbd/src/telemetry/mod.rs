//! Prometheus metrics: events counted as they happen, and a writer for state computed at scrape time.

mod exposition;
mod metrics;

pub use exposition::{Exposition, Kind};
pub use metrics::{Metrics, Outcome};
