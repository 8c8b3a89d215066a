//! The daemon of B3LB, as a library.
//!
//! Edges ([`api`], [`admin`], [`poll`], [`jobs`]) take in what comes from outside; [`lifecycle`] decides what
//! becomes of meetings; [`state`], [`store`] and [`nodes`] hold memory, database and the way to the
//! nodes; [`placement`], [`health`], [`model`] and [`bbb`] are pure. Imports go down only.

pub mod app;
pub mod args;
pub mod config;
pub mod demo;
pub mod logging;
pub mod service;

pub mod admin;
pub mod api;
pub mod jobs;
pub mod poll;

pub mod lifecycle;

pub mod callback;
pub mod nodes;
pub mod state;
pub mod store;
pub mod tasks;
pub mod telemetry;
pub mod tls;

pub mod health;
pub mod placement;

pub mod model;

pub mod bbb;
