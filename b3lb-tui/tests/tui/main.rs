//! The dashboard as operators see it: frames, keys, and the real binary in a terminal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod fake;
mod frames;
mod keys;
mod never_panics;

mod screen;
mod snapshot;
mod stage;
mod terminal;
mod world;
