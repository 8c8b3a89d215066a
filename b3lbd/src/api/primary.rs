//! `/b3lb/primary`: for proxies that send creates to the primary directly, and for other daemons.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::Api;
use crate::primary::{REPLICA, REPLICA_WITH_LOSS, STOPPED};
use crate::role::Epoch;

/// Answers 200 on the primary only. `epoch` in the query is a claim that another daemon knows of, and `proof` proves it.
pub(super) fn answer(api: &Api, query: &str) -> Response {
    let standing = &api.core.pool.standing;
    let value = |wanted: &str| form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted);
    let epoch = value("epoch").and_then(|(_, number)| number.parse().ok()).and_then(Epoch::new);
    if let Some(epoch) = epoch {
        standing.hear_of(epoch, value("proof").map(|(_, proof)| proof).as_deref());
    }
    let text = match (standing.may_act(), standing.is_replica()) {
        (true, _) => return "primary\n".into_response(),
        (false, true) if standing.is_handing_over() => "handing over\n",
        (false, true) if standing.has_lost_changes() => REPLICA_WITH_LOSS,
        (false, true) => REPLICA,
        (false, false) if standing.is_told_of_takeover() => STOPPED,
        (false, false) => "the claims in the store cannot be read\n",
    };
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}
