//! Live data for dashboards: a snapshot followed by changes, at a limited rate.

mod feeds;
mod rate_limit;
mod scan;

use std::time::Duration;

use rpc::{AdminResult, Changes, MeetingChanges, Totals, WatchAnswer, WatchFrom};
use tokio::time::Instant;

pub(super) use feeds::ChangeFeeds;
pub(super) use rate_limit::RateLimit;
pub(super) use scan::{node_counts, rates};

use super::Context;
use feeds::Change;

/// How often the pool is scanned while somebody watches.
const SCAN_INTERVAL: Duration = Duration::from_secs(1);
/// Maximum time to wait for a change.
const MAX_WAIT: Duration = Duration::from_mins(2);

/// Waits for changes since `from` and returns them.
pub(super) async fn watch(
    context: &Context,
    rate_limit: &RateLimit,
    from: WatchFrom,
    wait_ms: u32,
) -> AdminResult<WatchAnswer> {
    let end = Instant::now() + Duration::from_millis(wait_ms.into()).min(MAX_WAIT);
    // A watcher that starts to request meetings need not wait for them.
    if !rate_limit.wants_more_than_before(&from) {
        tokio::time::sleep_until(rate_limit.next_answer()).await;
    }
    loop {
        let answer = look(context, rate_limit, from);
        let quiet = is_quiet(&answer) && !rate_limit.has_changed(&answer.totals);
        if !quiet || Instant::now() >= end {
            rate_limit.answered(&answer);
            return Ok(answer);
        }
        tokio::time::sleep_until((Instant::now() + SCAN_INTERVAL).min(end)).await;
    }
}

/// Whether an answer contains nothing but totals.
fn is_quiet(it: &WatchAnswer) -> bool {
    !it.reset
        && it.nodes.is_empty()
        && it.tenants.is_empty()
        && it.clusters.is_none()
        && it.groups.is_none()
        && it.events.is_empty()
        && it.meetings.as_ref().is_none_or(|it| !it.reset && it.changes.is_empty())
}

fn look(context: &Context, rate_limit: &RateLimit, from: WatchFrom) -> WatchAnswer {
    let mut state = context.feeds.lock();
    if state.updated_at.is_none_or(|at| at.elapsed() >= SCAN_INTERVAL) {
        state.updated_at = Some(Instant::now());
        scan::scan(context, &mut state);
    }
    let totals = scan::totals(context, &state);
    let same_epoch = from.epoch == state.epoch;
    let reset = !same_epoch || from.seq == 0 || state.objects.is_too_far_behind(from.seq);
    let seq = if reset { 0 } else { from.seq };
    let mut allowance = rate_limit.allowance(seq, state.objects.last());
    let mut answer = empty(state.epoch, seq, reset, totals);
    for (seq, key, value) in state.objects.after(seq) {
        if value.is_none() && reset {
            continue;
        }
        if !allowance.takes(value.map_or(16, Change::size)) {
            answer.more = true;
            break;
        }
        answer.seq = seq;
        match value {
            Some(value) => value.add_to(&mut answer, key),
            None => feeds::add_gone(&mut answer, key),
        }
    }
    if !answer.more {
        answer.seq = state.objects.last();
    }
    if let Some(from) = from.meetings {
        let reset = !same_epoch || from == 0 || state.meetings.is_too_far_behind(from);
        let from = if reset { 0 } else { from };
        let mut changes = MeetingChanges { seq: from, reset, ..MeetingChanges::default() };
        allowance.meetings(rate_limit, from, state.meetings.last());
        let mut all = true;
        for (seq, key, value) in state.meetings.after(from) {
            if value.is_none() && reset {
                continue;
            }
            if !allowance.takes(value.map_or(8, feeds::MeetingChange::size)) {
                (all, answer.more) = (false, true);
                break;
            }
            changes.seq = seq;
            feeds::add(&mut changes.changes, key, value);
        }
        if all {
            changes.seq = state.meetings.last();
        }
        answer.meetings = Some(changes);
    }
    answer
}

fn empty(epoch: u64, seq: u64, reset: bool, totals: Totals) -> WatchAnswer {
    WatchAnswer {
        epoch,
        seq,
        reset,
        more: false,
        totals,
        nodes: Changes::default(),
        tenants: Changes::default(),
        clusters: None,
        groups: None,
        events: Vec::new(),
        meetings: None,
    }
}
