//! Handles an API call in order: method, tenant and checksum, call, parameters.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::error_page::Browser;
use super::request::SignedRequest;
use super::responses::{Answer, Refusal};
use super::{
    Api, create, error_page, get_meetings, is_meeting_running, join, pass_on, pass_through, recordings,
    responses, sessions,
};
use crate::bbb::{Call, Failure, Handling};
use crate::model::{AssetKind, TenantLabel};

/// Answers a call to the tenant with this label.
pub(super) async fn answer(
    api: &Arc<Api>,
    label: Option<TenantLabel>,
    call: &str,
    request: Request,
) -> Response {
    let started = Instant::now();
    let known = Call::from_name(call);
    let name = known.map_or(Call::UNKNOWN, Call::name);
    let response = if api.core.pool.standing.is_replica() {
        pass_on::answer(api, label.as_ref(), (call, known), request).await
    } else {
        answer_here(api, label.as_ref(), (call, known), request).await
    };
    let took = started.elapsed();
    api.core.pool.counters.rates.request();
    api.metrics.request(name, responses::outcome(&response), took);
    tracing::debug!(
        secret = label.as_ref().map(tracing::field::display),
        call = known.map_or("unknown", Call::name),
        status = response.status().as_u16(),
        micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    response
}

/// Answers a call from the state of this daemon.
pub(super) async fn answer_here(
    api: &Arc<Api>,
    label: Option<&TenantLabel>,
    (call, known): (&str, Option<Call>),
    request: Request,
) -> Response {
    match (known, request.method()) {
        (Some(Call::Join), &Method::GET) => {}
        (Some(Call::Join), _) => return responses::method_not_allowed("GET"),
        (_, &Method::GET | &Method::POST) => {}
        _ => return responses::method_not_allowed("GET, POST"),
    }
    let browser = if known == Some(Call::Join) { Browser::of(request.headers()) } else { None };
    let answer = match SignedRequest::verify(api, label, call, request).await {
        Ok(request) => answer_signed(api, known, request).await,
        Err(refusal) => Err(refusal),
    };
    let mut response = answer.unwrap_or_else(Refusal::into_response);
    if let Some((browser, failure)) = browser.as_ref().zip(responses::failure(&response)) {
        let page = error_page::answer(browser, failure, logo_of(api, label).as_deref());
        response = responses::not_known(page);
    }
    response
}

/// The URL of a tenant's logo, if it has one.
fn logo_of(api: &Api, label: Option<&TenantLabel>) -> Option<String> {
    let catalog = api.core.pool.catalog();
    let tenant = catalog.tenants.get(&label?.slug)?;
    tenant.assets.contains_key(&AssetKind::Logo).then(|| api.core.links().asset(tenant, AssetKind::Logo))
}

async fn answer_signed(api: &Arc<Api>, call: Option<Call>, request: SignedRequest) -> Answer {
    let Some(call) = call else {
        return Err(Refusal::of(responses::failed_with(StatusCode::NOT_FOUND, &Failure::UNSUPPORTED)));
    };
    match (call, call.handling()) {
        (Call::Create, _) => create::answer(api, request).await,
        (Call::Join, _) => join::answer(api, request).await,
        (Call::IsMeetingRunning, _) => is_meeting_running::answer(api, request).await,
        (Call::GetMeetings, _) => get_meetings::answer(api, request).await,
        (Call::GetSessions, _) => sessions::list(api, request).await,
        (_, Handling::BySession) => sessions::by_session(api, call, request).await,
        (_, Handling::PassThrough) => pass_through::answer(api, call, request).await,
        (_, Handling::Refused | Handling::Own) => recordings::answer(api, call, request).await,
    }
}
