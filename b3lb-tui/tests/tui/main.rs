//! The dashboard: frames, keys, and the real binary in a terminal.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod fake;
mod frames;
mod keys;
mod never_panics;

mod screen;
mod snapshot;
mod stage;
mod terminal;
mod world;
