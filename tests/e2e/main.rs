//! End-to-end tests: the real daemon and tools against simulated nodes, over real sockets.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

mod admin;
mod bad_input;
mod callbacks;
mod calls;
mod checksum;
mod creates;
mod dashboard;
mod demo;
mod differences;
mod ends;
mod fault_rounds;
mod faults;
mod first_light;
mod harm;
mod hostile;
mod isolation;
mod kill_rounds;
mod lists;
mod lives;
mod logs;
mod markers;
mod monitoring;
mod operators;
mod pair;
mod parameters;
mod problems;
mod prometheus;
mod replicas;
mod replication;
mod restarts;
mod service;
mod share;
mod slides;
mod store_trouble;
mod strict_xml;
mod support;
mod takeovers;
mod tasks;
mod third_party;
mod tls;
