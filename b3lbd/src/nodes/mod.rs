//! Talking to nodes over HTTP: signed calls, bounded answers.

mod answer;
mod client;
mod resolver;

pub use answer::{NodeAnswer, NodeError};
pub use client::{Body, NodeClient, NodeSettings};
pub use resolver::lookup;
