//! Calls by session, which only nodes know: `getSessions` asks all nodes, the others find the session's node.

use std::collections::HashSet;
use std::sync::Arc;

use futures::StreamExt;

use super::Api;
use super::request::SignedRequest;
use super::responses::{self, Answer};
use crate::bbb::{Call, Failure, Params, SessionList, is_success};
use crate::model::{Node, Secret, SubId, Tenant};
use crate::nodes::NodeAnswer;
use crate::state::Meeting;

/// Maximum number of nodes asked concurrently.
const AT_ONCE: usize = 32;

/// `getSessions`: those in the secret's meetings, of all nodes that have some.
pub(super) async fn list(api: &Api, mut request: SignedRequest) -> Answer {
    request.check(api).await?;
    let meetings = meetings(api, &request.tenant, &request.secret);
    let own: HashSet<Arc<str>> = meetings.iter().flat_map(internal_ids).collect();
    let mut list = SessionList::default();
    let mut answers = ask_all(api, Call::GetSessions, &meetings, Params::default());
    while let Some(answer) = answers.next().await {
        if let Some(answer) = answer {
            list.add(&answer.body, |meeting| own.contains(meeting));
        }
    }
    Ok(responses::xml(list.finish()))
}

/// `getJoinUrl` and `learningDashboard`: the node that knows the session answers, word for word. If none does, what the
/// last of them said.
pub(super) async fn by_session(api: &Api, call: Call, mut request: SignedRequest) -> Answer {
    request.check(api).await?;
    let params = request.params()?;
    let meetings = meetings(api, &request.tenant, &request.secret);
    let mut answers = ask_all(api, call, &meetings, params);
    let mut refusal = None;
    while let Some(answer) = answers.next().await {
        match answer {
            Some(answer) if is_success(&answer.body) => return Ok(responses::from_node(answer)),
            answer => refusal = answer.or(refusal),
        }
    }
    Ok(responses::from_node(refusal.ok_or(Failure::NO_SESSION)?))
}

/// The secret's meetings, or those of the whole tenant for sub id 0.
fn meetings(api: &Api, tenant: &Tenant, secret: &Secret) -> Vec<Arc<Meeting>> {
    let registry = &api.core.pool.registry;
    if secret.label.sub_id == SubId::ZERO {
        registry.of_secrets(tenant.secrets.values().map(|it| it.id))
    } else {
        registry.of_secrets([secret.id])
    }
}

/// Internal ids of a meeting and its breakout rooms.
fn internal_ids(meeting: &Arc<Meeting>) -> Vec<Arc<str>> {
    let mut ids: Vec<_> = meeting.instance().map(|it| it.internal_id.clone()).into_iter().collect();
    if let Some(seen) = meeting.observation() {
        ids.extend(seen.all().map(|room| room.internal_id.clone()));
    }
    ids
}

/// Asks each node that hosts one of these meetings, and yields its answer if it is one of BBB's.
fn ask_all(
    api: &Api,
    call: Call,
    meetings: &[Arc<Meeting>],
    params: Params,
) -> impl futures::Stream<Item = Option<NodeAnswer>> + Unpin {
    let nodes: HashSet<_> = meetings.iter().map(|it| it.node()).collect();
    let nodes: Vec<Node> =
        nodes.into_iter().filter_map(|node| api.core.pool.node(node)).map(|it| (*it).clone()).collect();
    let core = Arc::clone(&api.core);
    let answers = futures::stream::iter(nodes).map(move |node| {
        let (core, params) = (Arc::clone(&core), params.clone());
        async move {
            let answer = core.nodes.call(&node, call.name(), &params, None).await;
            match answer.and_then(NodeAnswer::of_bbb_or_json) {
                Ok(answer) => Some(answer),
                Err(error) => {
                    tracing::info!(node = %node.fqdn(), call = call.name(), %error, "call failed");
                    None
                }
            }
        }
    });
    Box::pin(answers.buffer_unordered(AT_ONCE))
}
