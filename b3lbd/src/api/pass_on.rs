//! What a replica does not know or does not do itself is passed on to the primary.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use parking_lot::RwLock;

use super::request::is_signed;
use super::responses::{self, NotKnown};
use super::{Api, dispatch};
use crate::bbb::Call;
use crate::model::TenantLabel;
use crate::primary::{Answered, Passed};

/// How long calls about such a meeting go to the primary. Usually the copy shows it within two seconds.
const NEWS: Duration = Duration::from_secs(10);

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
    let body = match body_of(api, label, call, (&parts, body)).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let changes = matches!(known, Some(Call::Create | Call::End));
    // Joins are many, and hardly ever of a meeting that was just changed.
    let meeting =
        if changes || !api.news.is_empty() { label.cloned().zip(meeting_id(&parts, &body)) } else { None };
    let host = label.map(|it| format!("{}.{}", it.host_label(), api.hosts.base_domain));
    let passed = passed(&parts, host, body.clone());
    let is_news = meeting.as_ref().is_some_and(|it| api.news.has(it));
    let goes_first = parts.method == Method::POST || changes || is_news;
    if goes_first && let Some(response) = ask(api, passed.clone()).await {
        if let Some(meeting) = meeting.filter(|_| changes) {
            api.news.note(meeting);
        }
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
    let body = match parts.method {
        Method::POST => match api.bodies.analytics(&parts.headers, body).await {
            Ok(body) => body,
            Err(refusal) => return refusal.into_response(),
        },
        _ => Bytes::new(),
    };
    let host = parts.headers.get(HOST).and_then(|it| it.to_str().ok()).map(str::to_owned);
    match ask(api, passed(&parts, host, body)).await {
        Some(response) => response,
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The body of a POST: a large one only of a client who has signed the query.
async fn body_of(
    api: &Api,
    label: Option<&TenantLabel>,
    call: &str,
    (parts, body): (&Parts, Body),
) -> Result<Bytes, Response> {
    if parts.method != Method::POST {
        return Ok(Bytes::new());
    }
    let query = parts.uri.query().unwrap_or_default();
    let body = if is_signed(api, label, call, query.as_bytes()) {
        api.bodies.any(&parts.headers, body).await
    } else {
        api.bodies.form(&parts.headers, body).await
    };
    body.map_err(responses::Refusal::into_response)
}

/// The id of the meeting that a request is about.
fn meeting_id(parts: &Parts, body: &[u8]) -> Option<String> {
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let parameters = if query.is_empty() { body } else { query };
    let (_, id) = form_urlencoded::parse(parameters).find(|(name, _)| name == "meetingID")?;
    Some(id.trim().to_owned())
}

/// Meetings that clients have changed by way of this replica, whose copy does not show it yet. Calls about them go to the
/// primary.
#[derive(Debug, Default)]
pub struct News(RwLock<HashMap<(TenantLabel, String), Instant>>);

impl News {
    fn note(&self, meeting: (TenantLabel, String)) {
        let mut all = self.0.write();
        all.retain(|_, at| at.elapsed() < NEWS);
        all.insert(meeting, Instant::now());
    }

    fn is_empty(&self) -> bool {
        self.0.read().is_empty()
    }

    fn has(&self, meeting: &(TenantLabel, String)) -> bool {
        self.0.read().get(meeting).is_some_and(|at| at.elapsed() < NEWS)
    }
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
