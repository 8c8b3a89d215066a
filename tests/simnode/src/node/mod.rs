//! The handle of a node.

mod meetings;
mod watch;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::Handle;

use crate::server::Port;
use crate::shared::Shared;
use crate::task::Task;
#[cfg(feature = "tls")]
use crate::tls::Certificate;
use crate::{Fault, Hash, Options, Scope, Script, script};

/// A running node. Clones are handles of the same node; it stops when the last one is dropped.
#[derive(Clone)]
pub struct SimNode {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    addr: SocketAddr,
    port: tokio::sync::Mutex<Port>,
    life: Mutex<Option<Task>>,
    reaper: Mutex<Option<Task>>,
}

impl SimNode {
    /// Starts a node; it listens when this returns.
    #[expect(clippy::unused_async, reason = "async says that a runtime has to be there")]
    pub async fn start(options: Options) -> io::Result<SimNode> {
        let listen = options.listen;
        let shared = Shared::new(options, Some(Handle::current()));
        #[cfg(feature = "tls")]
        let shared = {
            // For callbacks by TLS; an error says that the process has a provider already.
            let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
            shared.with_tls()?
        };
        let shared = Arc::new(shared);
        let (port, addr) = Port::open(listen, Arc::clone(&shared))?;
        let reaper =
            shared.options.expire_empty.map(|_| Task::spawn(end_empty_meetings(Arc::clone(&shared))));
        let inner = Inner {
            shared,
            addr,
            port: tokio::sync::Mutex::new(port),
            life: Mutex::new(None),
            reaper: Mutex::new(reaper),
        };
        Ok(SimNode { inner: Arc::new(inner) })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.inner.shared
    }

    /// Where the node listens.
    pub fn addr(&self) -> SocketAddr {
        self.inner.addr
    }

    /// The port the node listens on.
    pub fn port(&self) -> u16 {
        self.addr().port()
    }

    /// The API's base, as `http://127.0.0.1:9001/bigbluebutton/api/`.
    pub fn api_url(&self) -> String {
        format!("{}://{}/bigbluebutton/api/", self.shared().scheme(), self.addr())
    }

    /// The load URL.
    pub fn load_url(&self) -> String {
        format!("{}://{}/b3lb/load", self.shared().scheme(), self.addr())
    }

    /// The URL of a call with its checksum; `query` is used as it is.
    pub fn signed_url(&self, hash: Hash, call: &str, query: &str) -> String {
        let checksum = hash.checksum(call, query, &self.secret());
        let separator = if query.is_empty() { "" } else { "&" };
        format!("{}{call}?{query}{separator}checksum={checksum}", self.api_url())
    }

    /// The shared secret.
    pub fn secret(&self) -> String {
        self.shared().secret.read().clone()
    }

    /// Changes the shared secret.
    pub fn set_secret(&self, secret: &str) {
        secret.clone_into(&mut self.shared().secret.write());
    }

    /// The CPU figure at the load URL.
    pub fn cpu(&self) -> u32 {
        self.shared().cpu()
    }

    /// Sets the CPU figure, 0 to 10,000.
    pub fn set_cpu(&self, cpu: u32) {
        self.shared().set_cpu(cpu);
    }

    /// Sets how long it takes to fetch a presentation; see `Options::fetch_time`.
    pub fn set_fetch_time(&self, time: Duration) {
        *self.shared().fetch_time.lock() = time;
    }

    /// Sets a fault for the requests in scope that arrive from now on. Faults add up; of
    /// several for the same request the newest counts.
    pub fn fail(&self, fault: Fault, scope: Scope) {
        self.shared().faults.set(fault, scope);
    }

    /// Clears all faults that `fail` has set. Requests that hang already go on hanging.
    pub fn heal(&self) {
        self.shared().faults.clear();
    }

    /// Closes the port and all connections: who connects is refused. Meetings stay. The port
    /// is kept from others.
    pub async fn refuse(&self) {
        self.inner.port.lock().await.close(self.addr(), true).await;
    }

    /// Opens the same port again; does nothing if it is open.
    pub async fn accept_again(&self) -> io::Result<()> {
        self.inner.port.lock().await.reopen(self.addr(), Arc::clone(self.shared()))
    }

    /// Shows a fresh certificate of a kind to those who connect from now on; connections that are open stay open.
    /// Does nothing on a node without TLS.
    #[cfg(feature = "tls")]
    pub fn renew_certificate(&self, kind: Certificate) -> io::Result<()> {
        self.shared().tls.as_ref().map_or(Ok(()), |tls| tls.renew(kind))
    }

    /// Lets the meetings live by a script, instead of an earlier one.
    pub fn live(&self, script: Script) {
        let task = Task::spawn(script::play(Arc::clone(self.shared()), script));
        *self.inner.life.lock() = Some(task);
    }

    /// Ends the script; the meetings stay as they are.
    pub fn stop_living(&self) {
        *self.inner.life.lock() = None;
    }

    /// Stops everything, whoever else has a handle. Callbacks under way are finished.
    pub async fn stop(&self) {
        self.stop_living();
        *self.inner.reaper.lock() = None;
        self.inner.port.lock().await.close(self.addr(), false).await;
    }
}

impl fmt::Debug for SimNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimNode").field("addr", &self.addr()).finish_non_exhaustive()
    }
}

async fn end_empty_meetings(node: Arc<Shared>) {
    loop {
        let emptied = node.emptied.notified();
        let next = node.world.lock().next_deadline();
        match next {
            Some(at) => tokio::select! {
                () = tokio::time::sleep_until(at.into()) => node.end_expired(),
                () = emptied => {}
            },
            None => emptied.await,
        }
    }
}
