//! HTTP requests to nodes: signed calls, limited answers.

mod answer;
mod check;
mod client;
mod load;
mod resolver;

pub use answer::{NodeAnswer, NodeError};
pub use check::{Examination, Finding, Outcome, Step};
pub use client::{Body, NodeClient, NodeSettings, holds_certificates};
pub use load::{LoadError, parse_load};
pub use resolver::lookup;
