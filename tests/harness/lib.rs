//! A small world for end-to-end tests: the real daemon on real sockets in front of simulated nodes.
//!
//! `World::start(3)` is a daemon with three nodes and the tenant FOO; everything else hangs on it.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a harness may fail its test")]

pub mod client;
pub mod daemon;
pub mod eventually;
pub mod fuzz;
pub mod raw;
pub mod receiver;
pub mod sshd;
pub mod strict_xml;
pub mod world;

pub use client::{Algorithm, Answer, CALLS, Client, Form, STYLES, Via};
pub use daemon::{Daemon, Settings};
pub use eventually::eventually;
pub use raw::{RawAnswer, raw, raw_cut, raw_request};
pub use receiver::{Receiver, Reply};
pub use sshd::Sshd;
pub use strict_xml::StrictXml;
pub use world::World;
