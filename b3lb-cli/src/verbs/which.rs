//! Verbs for one node or many: which they are, and one call for each.

use rpc::{AdminClient, NodeView};
use rpc_client::{Exit, Failure};
use serde::Serialize;
use tokio::io::AsyncReadExt as _;

use crate::app::App;
use crate::args::which::Which;
use crate::daemon::Daemon;
use crate::out::document;
use crate::text::count;

/// The nodes that a verb is for.
pub(super) enum Nodes {
    /// One that was named. Its answer is printed as that of a single call.
    One(String),
    /// Any number, also one, that were selected otherwise. Their answers are a list.
    Many(Vec<String>),
}

impl Nodes {
    /// Finds the nodes. Fails if there are none.
    pub(super) async fn find(daemon: &Daemon, which: Which) -> Result<Self, Failure> {
        let Which { mut node, cluster, state } = which;
        if node.iter().any(|it| it == "-") {
            node = names(std::mem::take(&mut node)).await?;
        } else if let [_] = node.as_slice() {
            return Ok(Self::One(node.remove(0)));
        }
        if cluster.is_some() || state.is_some() {
            let all = daemon.all(AdminClient::node_list).await?;
            let is_meant = |it: &&NodeView| {
                cluster.as_ref().is_none_or(|name| *name == it.cluster)
                    && state.is_none_or(|state| state == it.state)
            };
            node = all.iter().filter(is_meant).map(NodeView::fqdn).collect();
        }
        let mut seen = std::collections::HashSet::new();
        node.retain(|it| seen.insert(it.clone()));
        if node.is_empty() {
            return Err(Failure::new(Exit::NotFound, "not_found", "no node is meant by this"));
        }
        Ok(Self::Many(node))
    }

    /// Their names.
    pub(super) fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }

    /// Makes a call for each node, and goes on after one that failed. Prints a line for each.
    pub(super) async fn each<T: Serialize>(
        &self,
        app: &App,
        call: impl AsyncFn(String) -> Result<T, Failure>,
        line: impl Fn(&T) -> String,
    ) -> Result<(), Failure> {
        let names = match self {
            Self::One(name) => {
                let answer = call(name.clone()).await?;
                return app.out.changed(&answer, &[line(&answer)]);
            }
            Self::Many(names) => names,
        };
        let (mut done, mut failed) = (Vec::new(), 0);
        for name in names {
            match call(name.clone()).await {
                Ok(answer) => {
                    if !app.out.is_json() {
                        app.out.changed(&answer, &[line(&answer)])?;
                    }
                    done.push(answer);
                }
                Err(failure) if failure.exit == Exit::Unreachable => return Err(failure),
                Err(failure) => {
                    failure.report(app.out.is_json());
                    failed += 1;
                }
            }
        }
        if app.out.is_json() {
            document(&done)?;
        }
        if failed == 0 {
            return Ok(());
        }
        let exit = if done.is_empty() { Exit::Failed } else { Exit::Partly };
        let message = format!("{failed} of {} failed", count(names.len() as u64, "node"));
        Err(Failure::new(exit, "partly_done", message))
    }
}

/// Replaces `-` by the names on standard input.
async fn names(given: Vec<String>) -> Result<Vec<String>, Failure> {
    let mut text = String::new();
    let read = tokio::io::stdin().read_to_string(&mut text).await;
    read.map_err(|error| Failure::io("read names from standard input", error))?;
    let read = text.lines().map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned);
    Ok(given.into_iter().filter(|it| it != "-").chain(read).collect())
}
