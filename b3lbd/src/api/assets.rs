//! A tenant's slide, logo and CSS, for nodes and browsers.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Api, responses};
use crate::model::{AssetKind, TenantSlug};

const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// Returns the asset, 304 if the client has it, or 404.
pub(super) async fn answer(api: &Api, slug: &TenantSlug, kind: AssetKind, headers: &HeaderMap) -> Response {
    let catalog = api.core.pool.catalog();
    let Some(tenant) = catalog.tenants.get(slug) else { return responses::not_found() };
    let Some(meta) = tenant.assets.get(&kind) else { return responses::not_found() };
    let etag = format!("\"{}\"", meta.digest);
    if known(headers, &etag) {
        return (StatusCode::NOT_MODIFIED, [(CACHE_CONTROL, CACHED)], [(ETAG, etag)]).into_response();
    }
    match api.core.store.asset(tenant.id, kind, &meta.digest).await {
        Ok(Some(asset)) => {
            let content_type = HeaderValue::try_from(&asset.content_type)
                .unwrap_or(HeaderValue::from_static("application/octet-stream"));
            let headers = [
                (CONTENT_TYPE, content_type),
                (CACHE_CONTROL, CACHED),
                (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
                // An SVG is a document that could run scripts, which is prevented here.
                (
                    CONTENT_SECURITY_POLICY,
                    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
                ),
            ];
            let etag = [(ETAG, format!("\"{}\"", asset.digest))];
            (headers, etag, Body::from(asset.content.clone())).into_response()
        }
        Ok(None) => responses::not_found(),
        Err(error) => {
            tracing::error!(%error, tenant = %slug, "an asset could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn known(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| matches!(tag.trim(), "*") || tag.trim().trim_start_matches("W/") == etag)
}
