//! Checks a node on demand.

use rpc::{AdminResult, CheckItem, Finding, NodeCheck, Verdict};

use super::Context;
use super::context::Lookup;
use crate::bbb::is_foreign_layout;
use crate::model::{Catalog, Node, RuleMode};
use crate::nodes::{self, Examination, Outcome, Step};

/// Checks a node now.
pub(super) async fn check(context: &Context, name: &str) -> AdminResult<NodeCheck> {
    let catalog = context.catalog();
    let node = catalog.node(name)?;
    let now = context.core.pool.clock.wall_ms();
    let Examination { mut findings, bbb_version, latency, clock_ahead } =
        context.core.nodes.examine(node, now).await;
    if let Some(version) = &bbb_version {
        findings.extend(foreign_layouts(&catalog, node, version));
    }
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

/// Tenants' rules that set a layout which the node does not support.
fn foreign_layouts(catalog: &Catalog, node: &Node, version: &str) -> Vec<nodes::Finding> {
    let tenants = catalog.tenants.values().filter(|it| catalog.serves(node.id, it));
    let rules =
        tenants.flat_map(|it| it.create_rules.iter().chain(&it.join_rules).map(move |rule| (it, rule)));
    let foreign = rules.filter_map(|(tenant, rule)| {
        let (RuleMode::Set(value) | RuleMode::Override(value)) = &rule.mode else { return None };
        let text = format!(
            "tenant {} sets {} to {value}, which BBB {version} does not know",
            tenant.slug, rule.name
        );
        is_foreign_layout(&rule.name, value, version).then_some(nodes::Finding {
            step: Step::Api,
            outcome: Outcome::Doubtful,
            text,
        })
    });
    foreign.collect()
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
