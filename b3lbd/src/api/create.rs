//! `create`.

use std::sync::Arc;

use axum::response::Response;

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::Failure;
use crate::lifecycle::CreateRequest;

/// Creates the meeting, or finds it. Runs to completion even if the client disconnects, so that the outcome
/// on the node is known.
pub(super) async fn answer(api: &Arc<Api>, mut request: SignedRequest) -> Response {
    let body = match request.body(api).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let SignedRequest { tenant, secret, .. } = &request;
    let (tenant, secret) = (Arc::clone(tenant), Arc::clone(secret));
    let create = request.params().and_then(|params| CreateRequest::new(tenant, secret, params, body));
    let create = match create {
        Ok(create) => create,
        Err(failure) => return responses::failed(&failure),
    };
    let core = Arc::clone(&api.core);
    let created = tokio::spawn(async move { core.create(create).await }).await;
    match created.unwrap_or(Err(Failure::NODE_SILENT)) {
        Ok(answer) => responses::from_node(answer),
        Err(failure) => responses::failed(&failure),
    }
}
