//! The real binary, without a daemon and against a fake one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod b3lb;
mod calls;
mod drain;
mod errors;
mod fake;
mod help;
mod output;
mod run;
mod usage;
