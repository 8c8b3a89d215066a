//! A node examined on the spot.

use rpc::{AdminResult, CheckItem, Finding, NodeCheck, Verdict};

use super::Context;
use super::context::Lookup;
use crate::nodes::{Examination, Outcome, Step};

/// Asks a node now.
pub(super) async fn check(context: &Context, name: &str) -> AdminResult<NodeCheck> {
    let catalog = context.catalog();
    let node = catalog.node(name)?;
    let now = context.core.pool.clock.wall_ms();
    let Examination { findings, bbb_version, latency, clock_ahead } =
        context.core.nodes.examine(node, now).await;
    Ok(NodeCheck {
        node: node.fqdn(),
        good: findings.iter().all(|it| it.outcome != Outcome::Bad),
        bbb_version,
        latency_ms: latency.map(|it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX)),
        clock_ahead_seconds: clock_ahead,
        findings: findings
            .into_iter()
            .map(|it| Finding { item: item(it.step), verdict: verdict(it.outcome), text: it.text })
            .collect(),
    })
}

fn item(step: Step) -> CheckItem {
    match step {
        Step::Dns => CheckItem::Dns,
        Step::Tcp => CheckItem::Tcp,
        Step::Tls => CheckItem::Tls,
        Step::Api => CheckItem::Api,
        Step::Secret => CheckItem::Secret,
        Step::Load => CheckItem::Load,
        Step::Clock => CheckItem::Clock,
        Step::Latency => CheckItem::Latency,
    }
}

fn verdict(outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Good => Verdict::Good,
        Outcome::Doubtful => Verdict::Warning,
        Outcome::Bad => Verdict::Bad,
        Outcome::Skipped => Verdict::Skipped,
    }
}
