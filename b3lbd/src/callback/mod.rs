//! Requests to URLs that clients gave: restricted by the network policy, with limits on everything.

mod deliver;
mod policy;
mod target;

pub use deliver::{CallbackClient, Delivery, Message};
pub use policy::Policy;
