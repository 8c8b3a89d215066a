//! Stats and metrics: global ones for the operator, and each tenant's own.

mod global;
mod series;
mod tenant;

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use strum::EnumString;
use subtle::ConstantTimeEq;

use super::{Api, responses};
use crate::model::{Tenant, TenantSlug};

/// The requested document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Page {
    /// Stats in JSON.
    Stats,
    /// Metrics in Prometheus' text format.
    Metrics,
}

/// Selects by host name: a tenant's own for its host name, global ones for the base domain.
pub(super) fn by_host(api: &Api, peer: IpAddr, page: Page, request: &Request) -> Response {
    if request.method() != Method::GET {
        return responses::method_not_allowed("GET");
    }
    if let Some(label) = api.hosts.label_of_host(peer, request) {
        return of_tenant(api, &label.slug, page, request.headers());
    }
    if !api.hosts.is_base_host(peer, request) && !is_local(peer, request) {
        return responses::not_found();
    }
    if let Some(token) = &api.metrics_token
        && !authorized(request.headers(), token.reveal())
    {
        return unauthorized();
    }
    match page {
        Page::Stats => json(&global::stats(&api.core.pool)),
        Page::Metrics => text(global::metrics(api)),
    }
}

/// A tenant's own, protected by its stats token.
pub(super) fn of_tenant(api: &Api, slug: &TenantSlug, page: Page, headers: &HeaderMap) -> Response {
    let catalog = api.core.pool.catalog();
    let tenant: Option<&Arc<Tenant>> = catalog.tenants.get(slug);
    // Do not reveal whether a tenant exists.
    let Some(tenant) = tenant.filter(|it| authorized(headers, it.stats_token.reveal())) else {
        return unauthorized();
    };
    match page {
        Page::Stats => json(&tenant::stats(&api.core.pool, tenant)),
        Page::Metrics => text(tenant::metrics(&api.core.pool, tenant)),
    }
}

/// Whether the request comes from a Prometheus on this machine, and not through a proxy on it: it uses a
/// local host name, and HTTP/1.1, which proxies do not use by default.
fn is_local(peer: IpAddr, request: &Request) -> bool {
    let forwarded =
        ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];
    let headers = request.headers();
    let host = headers.get(HOST).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    let is_this_machine =
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|it| it.to_canonical().is_loopback());
    peer.to_canonical().is_loopback()
        && is_this_machine
        && request.version() >= Version::HTTP_11
        && !forwarded.iter().any(|name| headers.contains_key(*name))
}

fn authorized(headers: &HeaderMap, token: &str) -> bool {
    let given = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    let given = given.strip_prefix(b"Bearer ").unwrap_or(given);
    given.ct_eq(token.as_bytes()).into()
}

fn unauthorized() -> Response {
    (StatusCode::UNAUTHORIZED, "Unauthorized").into_response()
}

fn json(value: &serde_json::Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn text(text: String) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
