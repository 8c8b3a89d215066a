//! The only place that reads the clock for the pure modules.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use jiff::Timestamp;

/// Provides the seconds since the start of the daemon, and the wall-clock time in milliseconds.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System(Instant),
    /// Milliseconds since 1970 at the start, and the milliseconds elapsed since then.
    Manual(i64, Arc<AtomicI64>),
}

impl Default for Clock {
    fn default() -> Self {
        Self(Source::System(Instant::now()))
    }
}

impl Clock {
    /// A clock for tests. It starts at `start` (milliseconds since 1970), and `elapsed` (milliseconds)
    /// advances it.
    pub fn manual(start: i64, elapsed: Arc<AtomicI64>) -> Self {
        Self(Source::Manual(start, elapsed))
    }

    /// Seconds since start; monotonic.
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

    /// Converts `wall_ms` to the scale of [`Clock::now`]. Times before the start are negative.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds fit a double for ages")]
    pub fn at_wall_ms(&self, wall_ms: i64) -> f64 {
        self.now() - (self.wall_ms() - wall_ms) as f64 / 1000.0
    }
}
