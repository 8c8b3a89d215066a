//! The connection to the daemon: single calls, paged lists, and errors when the connection is lost.

use std::rc::Rc;
use std::time::{Duration, Instant};

use rpc::{AdminClient, AdminResult, Page, Paged};
use rpc_client::{Connection, Exit, Failure, LastWords, all_pages, deadline};
use tarpc::client::RpcError;
use tarpc::context::Context;

use crate::app::App;
use crate::out::note;

/// ssh reports a lost connection shortly after it breaks, and later on a busy machine.
const LAST_WORDS: Duration = Duration::from_millis(300);
const LATEST_WORDS: Duration = Duration::from_secs(3);

/// Time between two attempts to connect again.
const AGAIN: Duration = Duration::from_secs(1);

/// A connection to the daemon.
pub(crate) struct Daemon {
    connection: Connection,
    timeout: Duration,
}

impl Daemon {
    /// Creates a daemon whose calls time out after `timeout`.
    pub(crate) fn new(connection: Connection, timeout: Duration) -> Self {
        Self { connection, timeout }
    }

    /// The daemon's address, such as `unix:/run/b3lb/admin.sock`.
    pub(crate) fn place(&self) -> &str {
        &self.connection.place
    }

    /// The timeout of each call.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Makes one call.
    pub(crate) async fn call<'a, T, F>(
        &'a self,
        call: impl FnOnce(&'a AdminClient, Context) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<AdminResult<T>, RpcError>>,
    {
        match call(&self.connection.client, deadline(self.timeout)).await {
            Ok(answer) => Ok(answer?),
            Err(error) => Err(self.lost(error).await),
        }
    }

    /// Fetches all pages of a list.
    pub(crate) async fn all<'a, T, F>(
        &'a self,
        list: impl Fn(&'a AdminClient, Context, Page) -> F,
    ) -> Result<Vec<T>, Failure>
    where
        F: Future<Output = Result<AdminResult<Paged<T>>, RpcError>>,
    {
        all_pages(|page| self.call(|client, deadline| list(client, deadline, page))).await
    }

    async fn lost(&self, error: RpcError) -> Failure {
        if matches!(error, RpcError::DeadlineExceeded) {
            return Failure::timed_out("the daemon did not answer in time")
                .hint("--call-timeout gives it more; the request may still be carried out");
        }
        let (reason, hint) = match &self.connection.last_words {
            Some(words) => (heard(words).await, "connect again; the request may have been carried out"),
            None => (None, "see the log of b3lbd; the request may have been carried out"),
        };
        let reason = reason.unwrap_or_else(|| error.to_string());
        let message = format!("lost the daemon at {}: {reason}", self.place());
        Failure::unreachable(message).hint(hint)
    }
}

/// A connection that is made again if the daemon goes away, as for a restart, until a deadline.
pub(crate) struct Patient<'a> {
    app: &'a App,
    daemon: Option<Rc<Daemon>>,
    is_lost: bool,
    until: Option<Instant>,
}

impl<'a> Patient<'a> {
    /// Begins with a connection. Without a deadline it tries forever.
    pub(crate) fn new(app: &'a App, daemon: Rc<Daemon>, until: Option<Instant>) -> Self {
        Self { app, daemon: Some(daemon), is_lost: false, until }
    }

    /// Asks something, which must be repeatable.
    pub(crate) async fn ask<T>(
        &mut self,
        question: impl AsyncFn(&Daemon) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        loop {
            let connected = match self.daemon.take() {
                Some(daemon) => Ok(daemon),
                None => self.app.connect_again().await,
            };
            let lost = match connected {
                Ok(daemon) => match question(&daemon).await {
                    Err(failure) if failure.exit == Exit::Unreachable => failure,
                    answer => {
                        self.is_lost = false;
                        self.daemon = Some(daemon);
                        return answer;
                    }
                },
                Err(failure) if failure.exit == Exit::Unreachable => failure,
                Err(failure) => return Err(failure),
            };
            if self.until.is_some_and(|until| Instant::now() >= until) {
                return Err(lost);
            }
            if !std::mem::replace(&mut self.is_lost, true) {
                note("lost the daemon; connecting again");
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Waits for an error message from ssh, if there is one.
async fn heard(words: &LastWords) -> Option<String> {
    let end = Instant::now() + LATEST_WORDS;
    loop {
        tokio::time::sleep(LAST_WORDS).await;
        let heard = words.get();
        if heard.is_some() || Instant::now() > end {
            return heard;
        }
    }
}
