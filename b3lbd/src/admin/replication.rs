//! The role of the daemon among those that share its store, and takeovers.

use std::time::Duration;

use rpc::{AdminError, AdminResult, ErrorCode, ReplicationStatus, Role};

use crate::role::Takeover;
use crate::state::Standing;

/// Maximum time that a call waits for the next step.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

pub(super) fn role(standing: &Standing) -> Role {
    if standing.is_replica() { Role::Replica } else { Role::Primary }
}

/// What the daemon knows of the others; none without a store.
pub(super) fn status(standing: &Standing) -> Option<ReplicationStatus> {
    let epoch = standing.epoch()?.get();
    let primary = standing.primary();
    Some(ReplicationStatus {
        epoch,
        primary: primary.as_ref().map(|it| it.host.clone()),
        primary_url: primary.as_ref().and_then(|it| it.url.clone()),
        primary_answers: primary.map(|_| standing.primary_answers()),
        lag_seconds: standing.lag().map(|it| it.as_secs_f64()),
    })
}

/// Fails on a replica.
pub(super) fn require_primary(standing: &Standing) -> AdminResult<()> {
    if !standing.is_replica() {
        return Ok(());
    }
    let host = standing.primary().map_or_else(|| "another daemon".to_owned(), |it| it.host.clone());
    let error = AdminError::new(ErrorCode::Refused, "this daemon is a replica, which changes nothing");
    Err(error.hint(format!("do it on the primary, {host}, or make this one the primary: b3lb-cli promote")))
}

/// Begins a takeover.
pub(super) fn promote(standing: &Standing) -> AdminResult<()> {
    if !standing.is_replica() {
        return Err(AdminError::new(ErrorCode::Conflict, "this daemon is the primary already"));
    }
    standing.promotion.ask(Takeover::ByHand);
    Ok(())
}

/// The steps of the takeover after the first `seen` ones.
pub(super) async fn promotion(standing: &Standing, seen: u32, wait_ms: u32) -> AdminResult<rpc::Takeover> {
    let wait = Duration::from_millis(wait_ms.into()).min(LONGEST_WAIT);
    let seen = usize::try_from(seen).unwrap_or(usize::MAX);
    let Ok(steps) = tokio::time::timeout(wait, standing.promotion.more_than(seen)).await else {
        return Ok(rpc::Takeover::default());
    };
    let steps =
        steps.ok_or_else(|| AdminError::new(ErrorCode::NotFound, "nobody has asked for a takeover"))?;
    Ok(rpc::Takeover {
        steps: steps.done.into_iter().skip(seen).collect(),
        done: steps.outcome.is_some(),
        error: steps.outcome.and_then(Result::err),
    })
}
