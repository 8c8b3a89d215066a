//! The real binary, without a daemon and against a fake one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod apply;
mod ask;
mod backup;
mod calls;
mod drain;
mod errors;
mod events;
mod every;
mod export;
mod fake;
mod help;
mod import;
mod import_dump;
mod install;
mod legacy;
mod lists;
mod many;
mod node;
mod output;
mod remote;
mod run;
mod status;
mod terminal;
mod usage;
