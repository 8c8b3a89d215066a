//! The dashboard for Grafana: a real Prometheus answers each of its queries.

use std::collections::BTreeSet;

use harness::{World, eventually};
use serde_json::Value;

use super::share;
use crate::prometheus::Prometheus;
use crate::support::{create, joined_node};

fn dashboard() -> Value {
    serde_json::from_slice(&std::fs::read(share("grafana/b3lb.json")).unwrap()).unwrap()
}

fn panels(dashboard: &Value) -> Vec<&Value> {
    dashboard["panels"].as_array().unwrap().iter().filter(|it| it["type"] != "row").collect()
}

#[test]
fn panels_have_ids_and_places_of_their_own() {
    let dashboard = dashboard();
    let all = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = all.iter().map(|it| it["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), all.len());
    let mut taken = BTreeSet::new();
    for panel in all {
        let number = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        assert!(number("x") + number("w") <= 24, "{} is too wide", panel["title"]);
        for cell in (number("x")..number("x") + number("w"))
            .flat_map(|x| (number("y")..number("y") + number("h")).map(move |y| (x, y)))
        {
            assert!(taken.insert(cell), "{} covers another panel at {cell:?}", panel["title"]);
        }
    }
    for panel in panels(&dashboard) {
        assert!(!panel["description"].as_str().unwrap().is_empty(), "{}", panel["title"]);
    }
}

#[tokio::test]
async fn prometheus_answers_every_query() {
    let world = World::start(2).await;
    assert!(create(&world.foo, "room").await.ok());
    assert!(joined_node(&world.foo, "room").await.is_some());
    assert!(!world.foo.get("getMeetingInfo", &[("meetingID", "unknown")]).await.ok());
    assert!(!world.foo.get("create", &[]).await.ok());
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("prometheus.yml");
    let shipped = std::fs::read_to_string(share("prometheus/prometheus.yml")).unwrap();
    let yaml = shipped
        .replace("localhost:8000", &world.daemon.address().to_string())
        .replace("scrape_interval: 15s", "scrape_interval: 1s")
        .replace("rule_files:\n  - alerts.yml\n", "");
    std::fs::write(&config, yaml).unwrap();
    let prometheus = Prometheus::start(&config);
    for panel in panels(&dashboard()) {
        for target in panel["targets"].as_array().unwrap() {
            let query = target["expr"].as_str().unwrap();
            let query = query.replace("$cluster", ".*").replace("$__rate_interval", "1m");
            // There must be data, not only a default; nobody was here a week ago.
            let query = query.replace(" or vector(0)", "").replace(" offset 1w", "");
            eventually(&query, || async {
                // Something must have been called meanwhile, so that there is a rate.
                assert!(create(&world.foo, "room").await.ok());
                (!prometheus.query(&query).await?.is_empty()).then_some(())
            })
            .await;
        }
    }
}
