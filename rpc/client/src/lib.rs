//! What `b3lb-cli` and `b3lb-tui` share: how they reach the daemon, how they read lists, how they end, and
//! what their man pages look like.

mod connect;
pub mod estimate;
mod failure;
pub mod man;
mod pages;
mod ssh;
mod target;
mod text;
pub mod what_if;

pub use connect::{ConnectError, Connection, connect, deadline, first_socket};
pub use failure::{Exit, Failure};
pub use pages::all_pages;
pub use ssh::{BANNER, Host, LastWords};
pub use target::Target;
pub use text::{clean, is_dangerous};
