//! `/b3lb/ping`: the health check of this daemon.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::Api;

/// Answers 200 if the database responds, the first round of polls is complete, and most nodes are reachable.
pub(super) async fn answer(api: &Api) -> Response {
    let core = &api.core;
    let ours = core.pool.outage_of_ours();
    let stored = core.store.probe().await;
    if let Err(error) = &stored {
        tracing::warn!(%error, "ping: the database does not respond");
    }
    if stored.is_ok() && core.pool.first_round.is_complete() && !ours {
        "OK!".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "Doh!").into_response()
    }
}
