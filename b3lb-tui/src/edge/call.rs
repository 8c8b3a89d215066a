//! Maps each call to a method of the daemon's service.

use std::time::Duration;

use futures::FutureExt as _;
use rpc::{AdminClient, AdminResult};
use rpc_client::{all_pages, deadline};
use tarpc::client::RpcError;

use crate::message::{Call, Refusal, Reply};

/// Time-out of most calls.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Time-out of calls for which the daemon calls a node.
const NODE_TIMEOUT: Duration = Duration::from_mins(1);

/// Makes a call.
pub(super) async fn make(client: &AdminClient, call: &Call) -> Result<Reply, Refusal> {
    let soon = deadline(TIMEOUT);
    let later = deadline(NODE_TIMEOUT);
    match call.clone() {
        Call::PoolHistory => {
            answered(client.pool_history(soon).await).map(|it| Reply::PoolHistory(Box::new(it)))
        }
        Call::NodeDetails(name) => {
            answered(client.node_details(soon, name).await).map(|it| Reply::Details(Box::new(it)))
        }
        Call::NodeCheck(name) => answered(client.node_check(later, name).await).map(Reply::Check),
        Call::Maintenance { node, on } => {
            answered(client.node_maintenance(soon, node, on).await).map(|_| Reply::Done)
        }
        Call::Drain(node, spec) => answered(client.node_drain(soon, node, spec).await).map(|_| Reply::Done),
        Call::MeetingEnd { secret, id, .. } => {
            answered(client.meeting_end(later, secret, id).await).map(|_| Reply::Done)
        }
        Call::Secrets(tenant) => {
            let page = |page| client.secret_list(deadline(TIMEOUT), Some(tenant.clone()), page);
            all_pages(|it| page(it).map(answered)).await.map(Reply::Secrets)
        }
        Call::Keys(tenant) => {
            let page = |page| client.secret_reveal(deadline(TIMEOUT), Some(tenant.clone()), page);
            all_pages(|it| page(it).map(answered)).await.map(Reply::Keys)
        }
    }
}

fn answered<T>(answer: Result<AdminResult<T>, RpcError>) -> Result<T, Refusal> {
    match answer {
        Ok(answer) => answer.map_err(Refusal::from),
        Err(RpcError::DeadlineExceeded) => {
            Err(Refusal::new("the daemon did not answer in time; it may still be done"))
        }
        Err(error) => {
            Err(Refusal::new(format!("lost the daemon: {}; it may have been done", in_words(&error))))
        }
    }
}

/// Describes an error of the transport.
pub(super) fn in_words(error: &RpcError) -> String {
    match error {
        RpcError::DeadlineExceeded => "the daemon does not answer".to_owned(),
        RpcError::Shutdown | RpcError::Channel(_) => "the daemon closed the connection".to_owned(),
        RpcError::Send(_) | RpcError::Server(_) => error.to_string(),
    }
}
