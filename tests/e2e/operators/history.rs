//! The pool over time goes on after a restart.

use harness::world::soon;
use harness::{World, eventually};
use rpc::PoolPoint;

use super::good;
use crate::support::create;

/// All that was recorded of today. The test may run over the end of a quarter of an hour.
async fn recorded(world: &World) -> Vec<PoolPoint> {
    let history = good(world.admin().await.pool_history(soon()).await);
    assert_eq!((history.today.len(), history.yesterday.len(), history.last_week.len()), (96, 144, 144));
    assert_eq!(history.forecast, None, "a week is needed");
    history.today.into_iter().flatten().collect()
}

/// The most attendees and meetings, all creates and refusals.
fn sums(points: &[PoolPoint]) -> (u32, u32, u32, u32) {
    let most = |of: fn(&PoolPoint) -> u32| points.iter().map(of).max().unwrap_or(0);
    let all = |of: fn(&PoolPoint) -> u32| points.iter().map(of).sum::<u32>();
    (most(|it| it.attendees), most(|it| it.meetings), all(|it| it.creates), all(|it| it.refusals))
}

#[tokio::test]
async fn attendees_creates_and_refusals_are_recorded() {
    let mut world = World::start(1).await;
    for id in ["room", "hall"] {
        assert!(create(&world.foo, id).await.ok());
    }
    world.nodes[0].set_attendees("room", 7);
    let admin = world.admin().await;
    eventually("the attendees are known", || async {
        (good(admin.tenant_show(soon(), "FOO".into()).await).attendees == 7).then_some(())
    })
    .await;
    let name = format!("n1.localhost:{}", world.nodes[0].port());
    good(admin.node_maintenance(soon(), name, true).await);
    assert!(!create(&world.foo, "one-more").await.ok(), "there is no node");
    // An orderly stop records the minute that has begun.
    assert_eq!(world.daemon.terminate().await, Some(0));
    world.daemon.start_again().await;
    assert_eq!(sums(&recorded(&world).await), (7, 2, 2, 1));
    // A stop in the same minute adds nothing.
    assert_eq!(world.daemon.terminate().await, Some(0));
    world.daemon.start_again().await;
    assert_eq!(sums(&recorded(&world).await), (7, 2, 2, 1));
}
