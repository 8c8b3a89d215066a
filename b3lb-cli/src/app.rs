//! What every verb needs: where the daemon is, how to print, whether the operator said yes beforehand.

use std::time::Duration;

use rpc::{AdminClient, client};
use tarpc::context::Context;

use crate::args::Global;
use crate::exit::Failure;
use crate::out::Out;
use crate::target::Target;

/// The global options, made use of.
pub(crate) struct App {
    /// Prints answers.
    pub(crate) out: Out,
    /// `--yes` was given.
    pub(crate) yes: bool,
    target: Target,
    patience: Duration,
}

impl App {
    /// Takes over the global options.
    pub(crate) fn new(global: Global) -> Self {
        Self {
            out: Out::new(global.is_json()),
            yes: global.yes,
            target: global.connect.unwrap_or_default(),
            patience: global.call_timeout,
        }
    }

    /// Connects to the daemon.
    pub(crate) async fn connect(&self) -> Result<Daemon, Failure> {
        let connection = client::connect(&self.target.sockets()).await?;
        Ok(Daemon { client: connection.client, patience: self.patience })
    }
}

/// The connected daemon.
pub(crate) struct Daemon {
    /// Makes the calls.
    pub(crate) client: AdminClient,
    patience: Duration,
}

impl Daemon {
    /// The context of one call: it may take as long as `--call-timeout` says.
    pub(crate) fn deadline(&self) -> Context {
        client::deadline(self.patience)
    }
}
