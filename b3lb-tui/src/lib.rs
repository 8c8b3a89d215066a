//! The terminal dashboard of B3LB.
//!
//! [`update::update`] takes an [`message::Event`] into the [`state::State`] and returns
//! [`message::Command`]s; [`view::render`] draws the state. Both are pure: [`edge`] does all I/O.
//!
//! Imports go one way only, and `tests/layers.rs` enforces it: `edge` -> `update` -> `view` -> `screens` ->
//! `state` -> the rest.

pub mod chart;
pub mod edge;
pub mod keys;
pub mod message;
pub mod page;
pub mod screens;
pub mod state;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;
