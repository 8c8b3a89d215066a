//! `create`.

use std::sync::Arc;

use super::Api;
use super::request::SignedRequest;
use super::responses::{self, Answer};
use crate::bbb::Failure;
use crate::lifecycle::CreateRequest;

/// Creates the meeting, or finds it. Goes on to its end even if the client goes away, so that what was
/// begun on a node is known.
pub(super) async fn answer(api: &Arc<Api>, mut request: SignedRequest) -> Answer {
    let body = request.body(api).await?;
    let SignedRequest { tenant, secret, .. } = &request;
    let (tenant, secret) = (Arc::clone(tenant), Arc::clone(secret));
    let create = CreateRequest::new(tenant, secret, request.params()?, body)?;
    let core = Arc::clone(&api.core);
    let created = tokio::spawn(async move { core.create(create).await }).await;
    Ok(responses::from_node(created.unwrap_or(Err(Failure::NODE_SILENT))?))
}
