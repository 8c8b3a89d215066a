//! What `b3lb-cli` and `b3lb-tui` share: how they reach the daemon, how they read lists, and how they end.

mod connect;
pub mod estimate;
mod failure;
mod pages;
mod ssh;
mod target;
mod text;

pub use connect::{ConnectError, Connection, connect, deadline, first_socket};
pub use failure::{Exit, Failure};
pub use pages::all_pages;
pub use ssh::{BANNER, Host, LastWords};
pub use target::Target;
pub use text::{clean, is_dangerous};
