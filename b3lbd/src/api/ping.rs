//! `/b3lb/ping`: whether this daemon does its work.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::Api;

/// 200 if the database answers, the first round of polls is over, and most nodes are in reach.
pub(super) async fn answer(api: &Api) -> Response {
    let core = &api.core;
    let ours = core.pool.outage_of_ours();
    let stored = core.store.probe().await;
    if let Err(error) = &stored {
        tracing::warn!(%error, "ping: the database is not well");
    }
    if stored.is_ok() && core.pool.first_round.is_complete() && !ours {
        "OK!".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "Doh!").into_response()
    }
}
