//! HTTP responses.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use crate::bbb::Failure;
use crate::nodes::NodeAnswer;
use crate::telemetry::Outcome;

const XML: HeaderValue = HeaderValue::from_static("text/xml; charset=utf-8");

/// An XML answer with status 200.
pub(super) fn xml(body: impl Into<Bytes>) -> Response {
    ([(CONTENT_TYPE, XML)], Body::from(body.into())).into_response()
}

/// Marks an answer that says no, or that something does not exist: another daemon may know better.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotKnown;

/// Marks an answer as [`NotKnown`].
pub(super) fn not_known(mut response: Response) -> Response {
    response.extensions_mut().insert(NotKnown);
    response
}

/// A refusal with status 200, as in BBB.
pub(super) fn failed(failure: &Failure) -> Response {
    let outcome = if *failure == Failure::CHECKSUM { Outcome::Denied } else { Outcome::Failed };
    let mut response = xml(failure.xml());
    response.extensions_mut().insert(NotKnown);
    response.extensions_mut().insert(outcome);
    response.extensions_mut().insert(failure.clone());
    response
}

/// The answer to a call that is not done: of ours, or of HTTP. Handlers return it by `?`.
#[derive(Debug)]
pub(super) struct Refusal(Box<Response>);

impl Refusal {
    /// This answer.
    pub(super) fn of(response: Response) -> Self {
        Self(Box::new(response))
    }

    /// What the client gets.
    pub(super) fn into_response(self) -> Response {
        *self.0
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::of(failed(&failure))
    }
}

impl From<StatusCode> for Refusal {
    fn from(status: StatusCode) -> Self {
        Self::of(status.into_response())
    }
}

/// What a handler returns.
pub(super) type Answer = Result<Response, Refusal>;

/// How the request ended that this response answers.
pub(super) fn outcome(response: &Response) -> Outcome {
    match response.extensions().get() {
        Some(outcome) if response.status() == StatusCode::OK => *outcome,
        _ if response.status().is_client_error() => Outcome::Rejected,
        _ => Outcome::Success,
    }
}

/// A refusal with a different status.
pub(super) fn failed_with(status: StatusCode, failure: &Failure) -> Response {
    (status, failed(failure)).into_response()
}

/// The failure that this response reports, if it is our own refusal.
pub(super) fn failure(response: &Response) -> Option<&Failure> {
    response.extensions().get()
}

/// A node's answer with unchanged status, content type and body.
pub(super) fn from_node(answer: NodeAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = (status, Body::from(answer.body)).into_response();
    match answer.content_type.and_then(|it| HeaderValue::try_from(it).ok()) {
        Some(content_type) => response.headers_mut().insert(CONTENT_TYPE, content_type),
        None => response.headers_mut().remove(CONTENT_TYPE),
    };
    response
}

/// 302, unless the URL cannot be a header.
pub(super) fn redirect(url: String) -> Option<Response> {
    let location = HeaderValue::try_from(url).ok()?;
    Some((StatusCode::FOUND, [(LOCATION, location)]).into_response())
}

/// 405.
pub(super) fn method_not_allowed(allowed: &'static str) -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, HeaderValue::from_static(allowed))]).into_response()
}

/// 404.
pub(super) fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Not Found\n").into_response()
}

/// 204.
pub(super) fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
