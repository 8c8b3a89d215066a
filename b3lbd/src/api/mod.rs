//! The HTTP front end, with all public paths in one place.

mod activity;
mod analytics;
mod assets;
mod bodies;
mod connections;
mod create;
mod dispatch;
mod error_page;
mod get_meetings;
mod hosts;
mod is_meeting_running;
mod join;
mod monitoring;
mod pass_on;
mod pass_through;
mod ping;
mod primary;
mod recordings;
mod remote_admin;
mod request;
mod responses;
mod server;
mod sessions;
mod version;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Path, RawQuery, Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use axum::routing::any;
use hyper::body::Body as _;
use tower::ServiceExt;

pub use bodies::{Bodies, BodyLimits};
pub use connections::Connections;
pub use hosts::HostResolver;
use monitoring::Page;
pub use pass_on::News;
pub use server::serve;

use crate::bbb::{Allowed, Call};
use crate::lifecycle::Core;
use crate::model::{AssetKind, Nonce, SecretKey, TenantLabel};
use crate::primary::{CallsMade, PrimaryClient, RemoteAdmin};
use crate::telemetry::Metrics;

/// Shared state of requests.
#[derive(Debug)]
pub struct Api {
    /// The core of the daemon.
    pub core: Arc<Core>,
    /// Passes requests on to the primary, if this daemon is a replica.
    pub primary: PrimaryClient,
    /// Makes calls of admin tools that a replica passes on.
    pub admin: Arc<dyn RemoteAdmin>,
    /// Those that were made lately.
    pub calls_made: CallsMade,
    /// What the copy of a replica does not show yet.
    pub news: News,
    /// Maps host names to tenants.
    pub hosts: HostResolver,
    /// Checksum algorithms that clients may use.
    pub algorithms: Allowed,
    /// Reads request bodies.
    pub bodies: Bodies,
    /// The token of the global stats and metrics.
    pub metrics_token: Option<SecretKey>,
    /// Counters and histograms.
    pub metrics: Arc<Metrics>,
}

/// Answers requests by their paths.
#[derive(Debug)]
pub struct Routes {
    api: Arc<Api>,
    router: Router,
}

impl Routes {
    /// Prepares all routes.
    pub fn new(api: Arc<Api>) -> Self {
        Self { router: router(Arc::clone(&api)), api }
    }

    async fn answer(&self, peer: SocketAddr, mut request: Request) -> Response {
        // Nearly all requests are calls by host name, so they are spared the router.
        let call = request.uri().path().strip_prefix("/bigbluebutton/api/").and_then(Call::from_name);
        if let Some(call) = call {
            let mut response = answer_by_host(&self.api, peer, call.name(), request).await;
            state_length(&mut response);
            return response;
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
        }
    }
}

/// Sets `Content-Length` as the router does, so that nobody can tell which way a request took.
fn state_length(response: &mut Response) {
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
    }
}

/// All routes: BBB's own path for clients that use host names, and `/b3lb/t/` for assets and clients that use
/// paths.
fn router(api: Arc<Api>) -> Router {
    Router::new()
        .route("/bigbluebutton", any(root_by_host))
        .route("/bigbluebutton/api", any(root_by_host))
        .route("/bigbluebutton/api/{*call}", any(call_by_host))
        .route("/b3lb/t/{label}/bbb", any(root_by_path))
        .route("/b3lb/t/{label}/bbb/api", any(root_by_path))
        .route("/b3lb/t/{label}/bbb/api/{*call}", any(call_by_path))
        // For clients that require BBB's complete path.
        .route("/b3lb/t/{label}/bbb/bigbluebutton", any(root_by_path))
        .route("/b3lb/t/{label}/bbb/bigbluebutton/api", any(root_by_path))
        .route("/b3lb/t/{label}/bbb/bigbluebutton/api/{*call}", any(call_by_path))
        .route("/b3lb/t/{label}/{resource}", any(tenant_resource))
        .route("/b3lb/b/meeting/end", any(meeting_ended))
        .route("/b3lb/b/meeting/analytics", any(analytics))
        .route("/b3lb/ping", any(ping))
        .route("/b3lb/primary", any(primary))
        .route("/b3lb/admin", any(remote_admin))
        .route("/b3lb/stats", any(stats))
        .route("/b3lb/metrics", any(metrics))
        .fallback(async || responses::not_found())
        .with_state(api)
}

/// Whether a path is an API root without a call.
fn is_index(path: &str) -> bool {
    let path = path.strip_suffix("/api").unwrap_or(path);
    let by_path = || path.strip_prefix("/b3lb/t/").and_then(|rest| rest.split_once('/'));
    path == "/bigbluebutton" || by_path().is_some_and(|(_, rest)| matches!(rest, "bbb" | "bbb/bigbluebutton"))
}

async fn root_by_host(
    State(api): State<Arc<Api>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let label = api.hosts.label_of_host(peer.ip(), &request);
    root(&api, label.as_ref(), request.method())
}

async fn root_by_path(State(api): State<Arc<Api>>, Path(label): Path<String>, method: Method) -> Response {
    root(&api, label.parse().ok().as_ref(), &method)
}

fn root(api: &Api, label: Option<&TenantLabel>, method: &Method) -> Response {
    match *method {
        Method::GET | Method::HEAD | Method::POST => version::answer(api, label),
        _ => responses::method_not_allowed("GET, POST"),
    }
}

async fn call_by_host(
    State(api): State<Arc<Api>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(call): Path<String>,
    request: Request,
) -> Response {
    answer_by_host(&api, peer, &call, request).await
}

async fn answer_by_host(api: &Arc<Api>, peer: SocketAddr, call: &str, request: Request) -> Response {
    let label = api.hosts.label_of_host(peer.ip(), &request);
    dispatch::answer(api, label, call, request).await
}

async fn call_by_path(
    State(api): State<Arc<Api>>,
    Path((label, call)): Path<(String, String)>,
    request: Request,
) -> Response {
    let label: Option<TenantLabel> = label.parse().ok();
    dispatch::answer(&api, label, &call, request).await
}

/// Serves an asset, or the tenant's stats and metrics.
async fn tenant_resource(
    State(api): State<Arc<Api>>,
    Path((name, resource)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (kind, page): (Option<AssetKind>, Option<Page>) = (resource.parse().ok(), resource.parse().ok());
    if kind.is_none() && page.is_none() {
        return responses::not_found();
    }
    if request.method() != Method::GET {
        return responses::method_not_allowed("GET");
    }
    if let (Some(page), Ok(TenantLabel { slug, .. })) = (page, name.parse()) {
        return monitoring::of_tenant(&api, &slug, page, request.headers());
    }
    match (kind, name.parse()) {
        (Some(kind), Ok(slug)) => assets::answer(&api, &slug, kind, request.headers()).await,
        _ => responses::not_found(),
    }
}

async fn stats(
    State(api): State<Arc<Api>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    monitoring::by_host(&api, peer.ip(), Page::Stats, &request)
}

async fn metrics(
    State(api): State<Arc<Api>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    monitoring::by_host(&api, peer.ip(), Page::Metrics, &request)
}

/// The end callback of nodes. Always answers 204, so that it reveals nothing.
async fn meeting_ended(State(api): State<Arc<Api>>, request: Request) -> Response {
    if request.method() != Method::GET {
        return responses::method_not_allowed("GET");
    }
    if api.core.pool.standing.is_replica() {
        return pass_on::from_node(&api, request).await;
    }
    if let Some(nonce) = nonce_of(request.uri().query().unwrap_or_default()) {
        // Runs to completion even if the node disconnects.
        let settled = tokio::spawn(async move { api.core.callback(nonce).await });
        if let Err(error) = settled.await {
            tracing::error!(%error, "a callback was not settled");
        }
    }
    responses::no_content()
}

fn nonce_of(query: &str) -> Option<Nonce> {
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "nonce")?;
    Nonce::from_hex(&value)
}

/// Receives learning analytics from nodes. Always answers 204, so that it reveals nothing.
async fn analytics(State(api): State<Arc<Api>>, request: Request) -> Response {
    if request.method() != Method::POST {
        return responses::method_not_allowed("POST");
    }
    if api.core.pool.standing.is_replica() {
        return pass_on::from_node(&api, request).await;
    }
    analytics::take(&api, request).await;
    responses::no_content()
}

async fn ping(State(api): State<Arc<Api>>, method: Method) -> Response {
    match method {
        Method::GET => ping::answer(&api).await,
        _ => responses::method_not_allowed("GET"),
    }
}

async fn primary(State(api): State<Arc<Api>>, method: Method, RawQuery(query): RawQuery) -> Response {
    match method {
        Method::GET => primary::answer(&api, &query.unwrap_or_default()),
        _ => responses::method_not_allowed("GET"),
    }
}

async fn remote_admin(State(api): State<Arc<Api>>, request: Request) -> Response {
    remote_admin::answer(&api, request).await
}
