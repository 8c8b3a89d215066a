//! Everything that does I/O: the terminal, the connection to the daemon, the command line.

pub mod app;
pub mod args;
mod call;
pub mod conn;
pub mod frame;
pub mod term;
