//! Live data for dashboards: a snapshot, then only what changed, at a bounded pace.

mod boards;
mod pace;
mod scan;

use std::time::Duration;

use rpc::{AdminResult, MeetingChanges, Totals, WatchAnswer, WatchFrom};
use tokio::time::Instant;

pub(super) use boards::ChangeFeeds;
pub(super) use pace::RateLimit;
pub(super) use scan::{node_counts, rates};

use super::Context;
use boards::Change;

/// How often the pool is looked at while somebody watches.
const LOOK: Duration = Duration::from_secs(1);
/// The longest wait for a change.
const MAX_WAIT: Duration = Duration::from_mins(2);

/// Waits for a change since `from`, and tells what changed.
pub(super) async fn watch(
    context: &Context,
    pace: &RateLimit,
    from: WatchFrom,
    wait_ms: u32,
) -> AdminResult<WatchAnswer> {
    let end = Instant::now() + Duration::from_millis(wait_ms.into()).min(MAX_WAIT);
    // Who begins to want meetings need not wait for them.
    if !pace.wants_more_than_before(&from) {
        tokio::time::sleep_until(pace.next_answer()).await;
    }
    loop {
        let answer = look(context, pace, from);
        let quiet = is_quiet(&answer) && !pace.has_news(&answer.totals);
        if !quiet || Instant::now() >= end {
            pace.answered(&answer);
            return Ok(answer);
        }
        tokio::time::sleep_until((Instant::now() + LOOK).min(end)).await;
    }
}

/// Whether there is nothing in an answer but sums.
fn is_quiet(it: &WatchAnswer) -> bool {
    let no_meetings =
        |it: &MeetingChanges| !it.reset && it.rows.is_empty() && it.figures.is_empty() && it.gone.is_empty();
    !it.reset
        && it.nodes.is_empty()
        && it.node_figures.is_empty()
        && it.nodes_gone.is_empty()
        && it.tenants.is_empty()
        && it.tenant_figures.is_empty()
        && it.tenants_gone.is_empty()
        && it.clusters.is_none()
        && it.groups.is_none()
        && it.events.is_empty()
        && it.meetings.as_ref().is_none_or(no_meetings)
}

fn look(context: &Context, pace: &RateLimit, from: WatchFrom) -> WatchAnswer {
    let mut boards = context.boards.lock();
    if boards.looked_at.is_none_or(|at| at.elapsed() >= LOOK) {
        boards.looked_at = Some(Instant::now());
        scan::scan(context, &mut boards);
    }
    let totals = scan::totals(context, &boards);
    let same_life = from.epoch == boards.epoch;
    let reset = !same_life || from.seq == 0 || boards.things.is_too_far_behind(from.seq);
    let seq = if reset { 0 } else { from.seq };
    let mut allowance = pace.allowance(seq, boards.things.last());
    let mut answer = empty(boards.epoch, seq, reset, totals);
    for (seq, key, told) in boards.things.after(seq) {
        if told.is_none() && reset {
            continue;
        }
        if !allowance.takes(told.map_or(16, Change::size)) {
            answer.more = true;
            break;
        }
        answer.seq = seq;
        boards::add(&mut answer, key, told);
    }
    if !answer.more {
        answer.seq = boards.things.last();
    }
    if let Some(from) = from.meetings {
        let reset = !same_life || from == 0 || boards.meetings.is_too_far_behind(from);
        let from = if reset { 0 } else { from };
        let mut changes = MeetingChanges { seq: from, reset, ..MeetingChanges::default() };
        allowance.meetings(pace, from, boards.meetings.last());
        let mut all = true;
        for (seq, key, told) in boards.meetings.after(from) {
            if told.is_none() && reset {
                continue;
            }
            if !allowance.takes(told.map_or(8, boards::MeetingTold::size)) {
                (all, answer.more) = (false, true);
                break;
            }
            changes.seq = seq;
            boards::tell_meeting(&mut changes, key, told);
        }
        if all {
            changes.seq = boards.meetings.last();
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
        nodes: Vec::new(),
        node_figures: Vec::new(),
        nodes_gone: Vec::new(),
        tenants: Vec::new(),
        tenant_figures: Vec::new(),
        tenants_gone: Vec::new(),
        clusters: None,
        groups: None,
        events: Vec::new(),
        meetings: None,
    }
}
