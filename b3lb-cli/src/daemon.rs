//! The connected daemon: single calls, whole lists, and what is said when the link breaks.

use std::time::{Duration, Instant};

use rpc::client::Connection;
use rpc::{AdminClient, AdminResult, LastWords, Page, Paged, client};
use tarpc::client::RpcError;
use tarpc::context::Context;

use crate::exit::{Exit, Failure};

/// What ssh has to say of a broken link comes a moment after the link broke, on a busy machine later.
const LAST_WORDS: Duration = Duration::from_millis(300);
const LATEST_WORDS: Duration = Duration::from_secs(3);

/// The connected daemon.
pub(crate) struct Daemon {
    connection: Connection,
    patience: Duration,
}

impl Daemon {
    /// Each call over `connection` may take as long as `patience`.
    pub(crate) fn new(connection: Connection, patience: Duration) -> Self {
        Self { connection, patience }
    }

    /// Where it is, such as `unix:/run/b3lb/admin.sock`.
    pub(crate) fn place(&self) -> &str {
        &self.connection.place
    }

    /// The longest wait for one answer.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Makes one call.
    pub(crate) async fn call<'a, T, F>(
        &'a self,
        call: impl FnOnce(&'a AdminClient, Context) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<AdminResult<T>, RpcError>>,
    {
        match call(&self.connection.client, client::deadline(self.patience)).await {
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
        let mut rows = Vec::new();
        let mut page = Page::default();
        loop {
            let paged = self.call(|client, deadline| list(client, deadline, page)).await?;
            rows.extend(paged.rows);
            match paged.next {
                Some(next) => page = Page::after(next),
                None => return Ok(rows),
            }
        }
    }

    async fn lost(&self, error: RpcError) -> Failure {
        if matches!(error, RpcError::DeadlineExceeded) {
            return Failure::new(Exit::TimedOut, "timed_out", "the daemon did not answer in time")
                .hint("--call-timeout gives it more; what was asked for may still be done");
        }
        let (reason, hint) = match &self.connection.last_words {
            Some(words) => (heard(words).await, "connect again; what was asked for may have been done"),
            None => (None, "see the log of b3lbd; what was asked for may have been done"),
        };
        let reason = reason.unwrap_or_else(|| error.to_string());
        let message = format!("lost the daemon at {}: {reason}", self.place());
        Failure::new(Exit::Unreachable, "unreachable", message).hint(hint)
    }
}

/// What ssh says of the link that broke, if it says anything.
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
