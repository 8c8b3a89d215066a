//! The dashboard of B3LB in the terminal.
//!
//! Events come in ([`message::Event`]), [`update::update`] takes them into the one [`state::State`] and says
//! what must be done outside ([`message::Command`]), [`render::render`] draws the state. Neither of the two
//! does I/O: [`conn`] talks to the daemon, [`term`] to the terminal, and [`app`] turns the wheel.

pub mod app;
pub mod args;
pub mod chart;
pub mod conn;
pub mod details;
pub mod dialogs;
pub mod drain;
pub mod exit;
pub mod filter;
pub mod job;
pub mod keys;
pub mod layout;
pub mod link;
pub mod message;
pub mod model;
pub mod render;
pub mod snapshot;
pub mod state;
pub mod table;
pub mod tabs;
pub mod term;
pub mod text;
pub mod theme;
pub mod update;
pub mod warnings;
