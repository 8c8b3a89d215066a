//! What a replica does not know or does not do itself is passed on to the primary.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::responses::{self, NotKnown};
use super::{Api, dispatch};
use crate::bbb::Call;
use crate::model::TenantLabel;
use crate::primary::{Answered, Passed};

/// Answers a call on a replica. What changes something goes to the primary, and so does every POST, which may be
/// large; what a replica does not know goes there, too. While the primary is gone, the replica answers as well as it
/// can.
pub(super) async fn answer(
    api: &Arc<Api>,
    label: Option<&TenantLabel>,
    (call, known): (&str, Option<Call>),
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = match body_of(api, &parts, body).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let host = label.map(|it| format!("{}.{}", it.host_label(), api.hosts.base_domain));
    let passed = passed(&parts, host, body.clone());
    let goes_first = parts.method == Method::POST || matches!(known, Some(Call::Create | Call::End));
    if goes_first && let Some(response) = ask(api, passed.clone()).await {
        return response;
    }
    let here = dispatch::answer_here(api, label, (call, known), Request::from_parts(parts, Body::from(body)));
    let response = here.await;
    if !goes_first
        && response.extensions().get::<NotKnown>().is_some()
        && let Some(better) = ask(api, passed).await
    {
        return better;
    }
    response
}

/// Passes on what a node sends, which only the primary can settle. Without one it is to be sent again.
pub(super) async fn from_node(api: &Arc<Api>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match body_of(api, &parts, body).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let host = parts.headers.get("host").and_then(|it| it.to_str().ok()).map(str::to_owned);
    match ask(api, passed(&parts, host, body)).await {
        Some(response) => response,
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn body_of(api: &Api, parts: &Parts, body: Body) -> Result<Bytes, Response> {
    if parts.method != Method::POST {
        return Ok(Bytes::new());
    }
    api.bodies.any(&parts.headers, body).await.map_err(responses::Refusal::into_response)
}

fn passed(parts: &Parts, host: Option<String>, body: Bytes) -> Passed {
    let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    Passed { method: parts.method.clone(), path, headers: parts.headers.clone(), host, body }
}

async fn ask(api: &Api, request: Passed) -> Option<Response> {
    let Answered { status, headers, body } = api.primary.pass_on(request).await?;
    let mut response = (status, Body::from(body)).into_response();
    *response.headers_mut() = headers;
    Some(response)
}
