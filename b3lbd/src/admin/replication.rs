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

/// Fails on a replica, which has not reached the primary.
pub(super) fn require_primary(standing: &Standing) -> AdminResult<()> {
    if !standing.is_replica() {
        return Ok(());
    }
    let primary = standing.primary();
    let host = primary.as_ref().map_or("another daemon", |it| it.host.as_str());
    let (why, hint) = match &primary {
        Some(it) if it.url.is_none() => {
            ("has no B3LB_ADVERTISE_URL", "set that on the primary, or connect to the primary")
        }
        Some(_) if standing.primary_answers() => (
            "has not answered",
            "look there whether it was done; a daemon of another version has to be asked itself",
        ),
        _ => ("does not answer", "wait until it does, or make this one the primary: b3lb-cli promote"),
    };
    let message = format!("this daemon is a replica, and the primary, {host}, {why}");
    Err(AdminError::new(ErrorCode::Refused, message).hint(hint))
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
