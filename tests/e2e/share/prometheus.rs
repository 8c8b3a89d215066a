//! The alerts, and the dashboard's queries.

use std::collections::BTreeSet;

use rpc::ProblemKind;
use tokio::process::Command;

use super::share;
use crate::prometheus::program;

/// The names behind `key` in a YAML file of ours.
fn names(file: &str, key: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(share("prometheus").join(file)).unwrap();
    text.lines().filter_map(|line| line.trim().strip_prefix(key)).map(str::to_owned).collect()
}

async fn promtool(arguments: &[&str]) -> String {
    let output = Command::new(program("promtool"))
        .args(arguments)
        .current_dir(share("prometheus"))
        .output()
        .await
        .expect("promtool is there: tests/prometheus/install");
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "promtool {arguments:?}: {text}");
    text
}

#[tokio::test]
async fn every_alert_fires_and_is_silent_when_it_should() {
    promtool(&["test", "rules", "alerts.test.yml"]).await;
    let alerts = names("alerts.yml", "- alert: ");
    assert!(!alerts.is_empty());
    let tested = names("alerts.test.yml", "- name: ");
    let expected: BTreeSet<_> =
        alerts.iter().flat_map(|it| [format!("{it} fires"), format!("{it} is silent")]).collect();
    assert_eq!(tested, expected);
}

/// Kinds of problems whose alerts look at other metrics.
const BY_OTHER_METRICS: [ProblemKind; 4] =
    [ProblemKind::NoNode, ProblemKind::LimitReached, ProblemKind::NodeDown, ProblemKind::NodeSuspect];

#[test]
fn every_kind_of_problem_has_an_alert() {
    let expressions = names("alerts.yml", "expr: ");
    for kind in ProblemKind::all().filter(|it| !BY_OTHER_METRICS.contains(it)) {
        let wanted = format!("kind=\"{}\"", kind.as_str());
        assert!(expressions.iter().any(|it| it.contains(&wanted)), "{wanted}");
    }
}

#[tokio::test]
async fn the_scrape_configuration_is_good() {
    promtool(&["check", "config", "prometheus.yml"]).await;
}

/// An alert on a metric that b3lbd does not have would never fire.
#[tokio::test]
async fn alerts_use_only_metrics_that_exist() {
    let world = harness::World::start(1).await;
    world.foo.create("room").await;
    let url = format!("http://{}/b3lb/metrics", world.daemon.address());
    let text = world.foo.send(world.foo.request("GET", &url)).await.body;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for expression in names("alerts.yml", "expr: ") {
        let used = expression.split(|c| !is_name(c));
        let used: Vec<_> = used.filter(|it| it.starts_with("b3lb_") || it.starts_with("process_")).collect();
        for name in used {
            let there = text.lines().any(|line| line.starts_with(name));
            assert!(there, "{name} of {expression}");
        }
    }
}
