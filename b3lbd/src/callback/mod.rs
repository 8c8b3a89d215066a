//! Calling URLs that clients gave: only where the network policy lets us, and with bounds on everything.

mod deliver;
mod policy;

pub use deliver::{Caller, Delivery};
pub use policy::Policy;
