//! `/b3lb/admin`: calls of tools that a replica passes on. Who does not prove to be a daemon of the same store finds
//! nothing here.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Api, responses};
use crate::primary::{CALL_PROOF, CallProof};

/// Makes a call, once.
pub(super) async fn answer(api: &Api, request: Request) -> Response {
    let standing = &api.core.pool.standing;
    let (parts, body) = request.into_parts();
    let proof = parts.headers.get(CALL_PROOF).and_then(|it| it.to_str().ok()?.parse::<CallProof>().ok());
    let claim = standing.highest_claim().filter(|_| parts.method == Method::POST && standing.may_act());
    let now = api.core.pool.clock.wall_ms();
    let Some((proof, claim)) = proof.zip(claim) else { return responses::not_found() };
    if !proof.holds(&claim, now) || !api.calls_made.is_first(&proof, now) {
        return responses::not_found();
    }
    let body = match api.bodies.any(&parts.headers, body).await {
        Ok(body) => body,
        Err(refusal) => return refusal.into_response(),
    };
    if !proof.is_of(&body) {
        return responses::not_found();
    }
    // Runs to completion even if the replica disconnects.
    match tokio::spawn(Arc::clone(&api.admin).make(body)).await {
        Ok(Some(answer)) => answer.into_response(),
        _ => StatusCode::NOT_IMPLEMENTED.into_response(),
    }
}
