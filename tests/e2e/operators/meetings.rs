//! Meetings that run already, taken over.

use harness::World;
use harness::world::soon;
use rpc::MeetingImport;

use super::good;
use crate::support::{is_listed, joined_node};

#[tokio::test]
async fn running_meetings_are_taken_over_once_their_node_shows_them() {
    let world = World::start(2).await;
    let admin = world.admin().await;
    world.nodes[1].insert_meeting("room", "A room");
    let import = |id: &str, node: &str, secret: &str| MeetingImport {
        secret: secret.into(),
        id: id.into(),
        name: "A room".into(),
        node: node.into(),
        ended_url: None,
    };
    let all = vec![
        import("room", "n2", "FOO-000"),
        import("room", "n1", "BAR-000"),
        import("other", "n9", "FOO-000"),
        import("", "n1", "FOO-000"),
    ];
    let dry = good(admin.meeting_import(soon(), all.clone(), true).await);
    let names: Vec<_> = dry.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["room of BAR-000", "other of FOO-000", " of FOO-000"]);
    assert_eq!(good(admin.meeting_import(soon(), all.clone(), false).await), dry);
    is_listed(&world.foo, "room", true).await;
    assert_eq!(joined_node(&world.foo, "room").await, Some(2));
    let again = good(admin.meeting_import(soon(), all, false).await);
    assert_eq!(again.len(), 4);
    assert_eq!(again[0].reason, "meeting room already exists");
    world.nodes[1].end_meeting("room");
    is_listed(&world.foo, "room", false).await;
}

/// Two owners of one id never share a node, or one would get into the other's meeting.
#[tokio::test]
async fn a_meeting_of_somebody_else_is_not_taken_over() {
    let world = World::start(1).await;
    let bar = world.add_tenant("BAR").await;
    world.foo.create("room").await;
    let admin = world.admin().await;
    let import = MeetingImport {
        secret: "BAR-000".into(),
        id: "room".into(),
        name: "A room".into(),
        node: "n1".into(),
        ended_url: None,
    };
    for dry_run in [true, false] {
        let left = good(admin.meeting_import(soon(), vec![import.clone()], dry_run).await);
        assert_eq!(left.len(), 1, "{left:?}");
    }
    assert_eq!(joined_node(&bar, "room").await, None);
    assert_eq!(joined_node(&world.foo, "room").await, Some(1));
}
