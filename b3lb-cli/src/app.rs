//! What every verb needs: the address of the daemon, the output format, and whether to ask for confirmation.

use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::rc::Rc;
use std::time::Duration;

use rpc::ClientInfo;
use rpc_client::{Failure, Target};

use crate::args::Global;
use crate::ask;
use crate::daemon::Daemon;
use crate::out::Out;

/// Name and version of this program, for the audit log.
const PROGRAM: &str = concat!("b3lb-cli ", env!("CARGO_PKG_VERSION"));

/// The global options, ready for use.
pub(crate) struct App {
    /// Prints answers.
    pub(crate) out: Out,
    /// The address of the daemon.
    pub(crate) target: Target,
    yes: bool,
    read_only: bool,
    timeout: Duration,
    daemon: RefCell<Option<Rc<Daemon>>>,
}

impl App {
    /// Applies the global options.
    pub(crate) fn new(global: Global) -> Self {
        Self {
            out: Out::new(global.format()),
            yes: global.yes,
            read_only: global.read_only,
            target: global.connect.unwrap_or_default(),
            timeout: global.call_timeout,
            daemon: RefCell::default(),
        }
    }

    /// The connection to the daemon, made when it is first needed. ssh may prompt for a password if there is a
    /// terminal.
    pub(crate) async fn connect(&self) -> Result<Rc<Daemon>, Failure> {
        let known = self.daemon.borrow().clone();
        match known {
            Some(daemon) => Ok(daemon),
            None => self.connect_again().await,
        }
    }

    /// Connects in place of a connection that was lost.
    pub(crate) async fn connect_again(&self) -> Result<Rc<Daemon>, Failure> {
        self.daemon.take();
        let may_ask = std::io::stderr().is_terminal();
        let caller = ClientInfo { read_only: self.read_only, ..PROGRAM.into() };
        let connection = rpc_client::connect(&self.target, caller, may_ask).await?;
        let daemon = Rc::new(Daemon::new(connection, self.timeout));
        self.daemon.replace(Some(Rc::clone(&daemon)));
        Ok(daemon)
    }

    /// Forgets the connection, which was lost.
    pub(crate) fn disconnect(&self) {
        self.daemon.take();
    }

    /// Whether `action` must be confirmed first. Fails if confirmation is needed but there is no terminal.
    pub(crate) fn has_to_ask(&self, action: &str) -> Result<bool, Failure> {
        if self.yes {
            Ok(false)
        } else if ask::can_ask() {
            Ok(true)
        } else {
            let message = format!("{action} asks before it acts, and there is no terminal");
            Err(Failure::usage(message).hint("add --yes"))
        }
    }
}
