//! The daemon of B3LB, as a library.
//!
//! The edges ([`api`], [`admin`], [`poll`], [`jobs`]) handle input from outside. [`lifecycle`] makes
//! decisions about meetings. [`state`], [`store`] and [`nodes`] manage memory, the database and requests to
//! nodes. [`placement`], [`health`], [`history`], [`problems`], [`role`], [`model`] and [`bbb`] are pure. Imports only go down.

pub mod app;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod litestream;
pub mod logging;
pub mod replication;
pub mod service;
pub mod shared;

pub mod admin;
pub mod api;
pub mod jobs;
pub mod poll;

pub mod lifecycle;

pub mod callback;
pub mod nodes;
pub mod primary;
pub mod state;
pub mod store;
pub mod tasks;
pub mod telemetry;
pub mod tls;

pub mod health;
pub mod history;
pub mod placement;
pub mod problems;
pub mod role;

pub mod model;

pub mod bbb;
