//! The thin path through everything.

use harness::World;

#[tokio::test]
async fn a_meeting_is_created_joined_listed_and_ended() {
    let world = World::start(3).await;
    let created = world.foo.create("room").await;
    let host = world.hosts_of("room");
    assert_eq!(host.len(), 1, "one node has it");
    let node = &world.nodes[host[0] - 1];
    assert_eq!(created.text("meetingID").as_deref(), Some("room"));

    let list = world.foo.get("getMeetings", &[]).await;
    assert_eq!(list.texts("meetingID"), ["room"], "right after the create");

    let joined =
        world.foo.get("join", &[("meetingID", "room"), ("fullName", "Ada"), ("role", "MODERATOR")]).await;
    assert_eq!(joined.status, 302);
    assert!(joined.location().starts_with(&format!("http://n{}.localhost:{}/", host[0], node.port())));
    let entered = world
        .foo
        .send(
            world
                .foo
                .request("GET", &joined.location().replace(&format!("n{}.localhost", host[0]), "127.0.0.1")),
        )
        .await;
    assert_eq!(entered.status, 302, "the node believes our signature: {entered:?}");
    assert_eq!(node.meeting("room").unwrap().attendees.len(), 1);

    let ended = world.foo.get("end", &[("meetingID", "room")]).await;
    assert_eq!(ended.key(), "sentEndMeetingRequest");
    harness::eventually("the list is empty", || async {
        (world.foo.get("getMeetings", &[]).await.key() == "noMeetings").then_some(())
    })
    .await;
}
