//! Calling URLs that clients gave: only where the network policy lets us, and with bounds on everything.

mod deliver;
mod policy;
mod target;

pub use deliver::{CallbackClient, Delivery, Message};
pub use policy::Policy;
