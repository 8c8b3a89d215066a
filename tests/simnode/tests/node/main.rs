//! Tests of the simulated node over real sockets.
#![allow(clippy::unwrap_used, reason = "also the tests' helpers may fail loudly")]

mod callbacks;
mod client;
mod command_line;
mod create;
mod faults;
mod handle;
mod join;
mod meetings;
mod protocol;
mod sessions;
mod tls;
