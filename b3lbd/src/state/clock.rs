//! The one place that reads clocks for the pure modules.

use std::time::Instant;

use jiff::Timestamp;

/// Seconds since the daemon started, and wall-clock milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock {
    /// Seconds since start; never goes back.
    pub fn now(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// Milliseconds since 1970.
    pub fn wall_ms(&self) -> i64 {
        Timestamp::now().as_millisecond()
    }

    /// The moment of `wall_ms` on the scale of [`Clock::now`]; negative for moments before the start.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds fit a double for ages")]
    pub fn at_wall_ms(&self, wall_ms: i64) -> f64 {
        self.now() - (self.wall_ms() - wall_ms) as f64 / 1000.0
    }
}
