//! End-to-end tests: the real daemon and tools against simulated nodes, over real sockets.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

mod callbacks;
mod fault_rounds;
mod first_light;
mod monitoring;
mod service;
mod slides;
