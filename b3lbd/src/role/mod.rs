//! Which of several daemons is the primary: claims, lease, role. No I/O, no clock.
//!
//! [`Machine`] decides. Its caller reads and writes the objects in the store, reports the outcomes, and asks
//! [`Machine::may_act`] before each act of a primary, and again before it confirms one.

mod claim;
mod lease;
mod machine;
mod proof;

pub use claim::{Claim, Claims, Epoch, Nonce, Outcome, Owner, Takeover};
pub use lease::{Lease, LeaseWatch};
pub use machine::{Failover, Machine, Role};

use std::time::Duration;

/// Time since the machine booted, suspension included. It never jumps; the wall clock plays no part.
pub type BootTime = Duration;

/// A primary without a view of the claims for this long stops acting.
pub const CLAIMS_MAX_AGE: Duration = Duration::from_secs(30);
/// A daemon that has not run for this long, as on a suspended machine, stops acting until it has read the claims again.
pub const LONGEST_STOP: Duration = Duration::from_secs(2);
/// How long a lease lasts after its renewal.
pub const LEASE_TTL: Duration = Duration::from_secs(20);
/// The primary stops this much earlier; a replica takes over this much later.
pub const LEASE_MARGIN: Duration = Duration::from_secs(5);
/// The primary stops acting when its last renewal began this long ago.
pub(crate) const LEASE_USE: Duration = LEASE_TTL.saturating_sub(LEASE_MARGIN);
/// Pause after an automatic takeover, by the clock of a daemon that has seen it.
pub const AUTOMATIC_PAUSE: Duration = Duration::from_hours(1);
/// A replica that is further behind does not take over by itself.
pub const AUTOMATIC_MAX_LAG: Duration = Duration::from_secs(10);
