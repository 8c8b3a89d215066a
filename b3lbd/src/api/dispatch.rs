//! One API call: method, then tenant and checksum, then the call, then its parameters.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::request::SignedRequest;
use super::{Api, create, get_meetings, is_meeting_running, join, pass_through, recordings, responses};
use crate::bbb::{Call, Failure, Handling};
use crate::model::TenantLabel;

/// Answers a call of the tenant that `label` names.
pub(super) async fn answer(
    api: &Arc<Api>,
    label: Option<TenantLabel>,
    call: &str,
    request: Request,
) -> Response {
    let started = Instant::now();
    let known = Call::from_name(call);
    let name = known.map_or(Call::UNKNOWN, Call::name);
    let response = answer_any(api, label, (call, known), request).await;
    let took = started.elapsed();
    api.core.pool.counters.rates.request();
    api.events.request(name, responses::outcome(&response), took);
    response
}

async fn answer_any(
    api: &Arc<Api>,
    label: Option<TenantLabel>,
    (call, known): (&str, Option<Call>),
    request: Request,
) -> Response {
    match (known, request.method()) {
        (Some(Call::Join), &Method::GET) => {}
        (Some(Call::Join), _) => return responses::method_not_allowed("GET"),
        (_, &Method::GET | &Method::POST) => {}
        _ => return responses::method_not_allowed("GET, POST"),
    }
    let started = Instant::now();
    let who = label.clone();
    let response = match SignedRequest::verify(api, label, call, request).await {
        Ok(request) => answer_signed(api, known, request).await,
        Err(refusal) => refusal,
    };
    tracing::debug!(
        secret = who.as_ref().map(tracing::field::display),
        call = known.map_or("unknown", Call::name),
        status = response.status().as_u16(),
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    response
}

async fn answer_signed(api: &Arc<Api>, call: Option<Call>, request: SignedRequest) -> Response {
    let Some(call) = call else {
        return responses::failed_with(StatusCode::NOT_FOUND, &Failure::UNSUPPORTED);
    };
    if call == Call::Blocked {
        return responses::failed_with(StatusCode::FORBIDDEN, &Failure::UNSUPPORTED);
    }
    if call.handling() == Handling::PassThrough {
        return pass_through::answer(api, call, request).await;
    }
    match call {
        Call::Create => create::answer(api, request).await,
        Call::Join => join::answer(api, request).await,
        Call::IsMeetingRunning => is_meeting_running::answer(api, request).await,
        Call::GetMeetings => get_meetings::answer(api, request).await,
        _ => recordings::answer(api, call, request).await,
    }
}
