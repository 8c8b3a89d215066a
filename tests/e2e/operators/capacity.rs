//! How many attendees a node carries is learned from its polls.

use harness::world::soon;
use harness::{World, eventually};
use rpc::{ClusterChange, Page};

use super::good;
use crate::monitoring::fetch;

/// Whether both are about as expected: the CPU use is smoothed.
fn are_about(expected: f64, capacities: &[Option<f64>]) -> bool {
    let is_about = |it: &Option<f64>| it.is_some_and(|it| (it / expected - 1.0).abs() < 0.1);
    capacities.len() == 2 && capacities.iter().all(is_about)
}

/// 40 % more than an idle node for 100 attendees, which is 0.4 % each: 80 % are 195 attendees, 42 % are 100.
#[tokio::test]
async fn capacity_follows_cpu_and_target() {
    let world = World::start(2).await;
    let [taught, idle] = [&world.nodes[0], &world.nodes[1]];
    taught.preload("class", 4, 25);
    taught.set_cpu(4_200);
    let admin = world.admin().await;
    let of_nodes = || async {
        let nodes = good(admin.node_list(soon(), Page::default()).await).rows;
        nodes.iter().map(|it| it.capacity.map(f64::from)).collect::<Vec<_>>()
    };
    // The other node counts as its peer does.
    eventually("it is learned", || async { are_about(195.0, &of_nodes().await).then_some(()) }).await;
    let text = fetch(&world, "/b3lb/metrics", &[]).await.body;
    let lines = text.lines().filter(|it| it.starts_with("b3lb_capacity_attendees{"));
    let metrics: Vec<_> = lines.map(|it| it.rsplit(' ').next().unwrap().parse().ok()).collect();
    assert!(are_about(195.0, &metrics), "{metrics:?}");
    let of_all = || async {
        let cluster = good(admin.cluster_show(soon(), "c".into()).await).capacity;
        let group = good(admin.group_show(soon(), "g".into()).await).capacity;
        [cluster, group].map(|it| it.map(|it| f64::from(u32::try_from(it).unwrap())))
    };
    assert!(are_about(390.0, &of_all().await), "{:?}", of_all().await);
    let lower = ClusterChange { target_cpu: Some(42), ..ClusterChange::default() };
    good(admin.cluster_set(soon(), "c".into(), lower).await);
    assert!(are_about(100.0, &of_nodes().await) && are_about(200.0, &of_all().await));
    let name = format!("n2.localhost:{}", idle.port());
    good(admin.node_maintenance(soon(), name, true).await);
    assert!(are_about(100.0, &of_all().await), "only nodes that take meetings count");
    let list = world.daemon.cli(&["node", "list"]).await;
    assert!(String::from_utf8(list.stdout).unwrap().contains("CAPACITY"));
}
