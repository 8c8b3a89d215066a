//! The one place that reads clocks for the pure modules.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use jiff::Timestamp;

/// Seconds since the daemon started, and wall-clock milliseconds.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System(Instant),
    /// Milliseconds since 1970 at the start, and how many have gone by since.
    Manual(i64, Arc<AtomicI64>),
}

impl Default for Clock {
    fn default() -> Self {
        Self(Source::System(Instant::now()))
    }
}

impl Clock {
    /// A clock for tests: it starts at `start` (milliseconds since 1970) and goes by as `elapsed`
    /// (milliseconds) says.
    pub fn manual(start: i64, elapsed: Arc<AtomicI64>) -> Self {
        Self(Source::Manual(start, elapsed))
    }

    /// Seconds since start; never goes back.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds fit a double for ages")]
    pub fn now(&self) -> f64 {
        match &self.0 {
            Source::System(start) => start.elapsed().as_secs_f64(),
            Source::Manual(_, elapsed) => elapsed.load(Ordering::Relaxed) as f64 / 1000.0,
        }
    }

    /// Milliseconds since 1970.
    pub fn wall_ms(&self) -> i64 {
        match &self.0 {
            Source::System(_) => Timestamp::now().as_millisecond(),
            Source::Manual(start, elapsed) => start + elapsed.load(Ordering::Relaxed),
        }
    }

    /// The moment of `wall_ms` on the scale of [`Clock::now`]; negative for moments before the start.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds fit a double for ages")]
    pub fn at_wall_ms(&self, wall_ms: i64) -> f64 {
        self.now() - (self.wall_ms() - wall_ms) as f64 / 1000.0
    }
}
