//! Learning analytics that nodes post after a meeting, forwarded to the clients that requested them.

use axum::extract::Request;
use axum::http::header::AUTHORIZATION;

use super::bodies::drain;
use super::{Api, nonce_of};

/// Accepts a node's post, if it is expected and signed with that node's secret.
pub(super) async fn take(api: &Api, request: Request) {
    let (parts, body) = request.into_parts();
    let token = parts.headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
    let (Some(nonce), Some(token)) = (nonce_of(parts.uri.query().unwrap_or_default()), token) else {
        return drain(body).await;
    };
    let taken = match api.core.analytics_of(nonce, token).await {
        Ok(awaited) => match api.bodies.analytics(&parts.headers, body).await {
            Ok(json) => api.core.hand_on_analytics(awaited, json.to_vec()).await,
            Err(_) => return,
        },
        Err(error) => {
            drain(body).await;
            Err(error)
        }
    };
    match taken {
        Ok(()) => tracing::info!("learning analytics forwarded"),
        Err(error) => tracing::info!(%error, "learning analytics not forwarded"),
    }
}
