//! A simulated BigBlueButton node: its API over real sockets, faults on demand, and a
//! record of everything it was asked. What it does is taken from BBB's sources; comments name the file.
//!
//! `SimNode` is the handle; the way of a request is `server` → `http` → `api` → `world`.

mod analytics;
mod api;
mod callback;
mod checksum;
mod documents;
mod fault;
mod http;
mod meeting;
mod node;
mod offline;
mod options;
mod record;
mod script;
mod server;
mod shared;
mod task;
#[cfg(feature = "tls")]
mod tls;
mod world;
mod xml;

pub use analytics::analytics_token_end;
pub use callback::{CallbackKind, CallbackResult};
pub use checksum::Hash;
pub use documents::Document;
pub use fault::{Fault, IllFormed, Scope};
pub use meeting::{Attendee, Breakout, Counts, MeetingState};
pub use node::SimNode;
pub use offline::Offline;
pub use options::Options;
pub use record::Request;
pub use script::Script;
pub use shared::DueCallback;
#[cfg(feature = "tls")]
pub use tls::{Authority, Certificate, Tls};
