//! Limits of tenants and secrets count for new meetings only.

use futures::future::join_all;
use harness::{Client, World, eventually, world::soon};
use rpc::{SecretSpec, TenantChange};

async fn create(client: &Client, id: &str) -> String {
    let answer = client.get("create", &[("meetingID", id), ("name", "A room")]).await;
    if answer.ok() {
        String::new()
    } else {
        format!("{}: {}", answer.key(), answer.text("message").unwrap_or_default())
    }
}

const REACHED: &str = "maxConcurrent: Meeting/Attendee limit reached.";

#[tokio::test]
async fn the_tenants_meeting_limit_counts_all_its_secrets() {
    let world = World::start(1).await;
    let sub = world.add_secret("FOO", 12).await;
    let other = world.add_tenant("BAR").await;
    let change = TenantChange { meeting_limit: Some(2), ..TenantChange::default() };
    world.admin().await.tenant_set(soon(), "FOO".into(), change).await.unwrap().unwrap();
    assert_eq!(create(&world.foo, "one").await, "");
    assert_eq!(create(&sub, "two").await, "");
    for client in [&world.foo, &sub] {
        assert_eq!(create(client, "three").await, REACHED, "{}", client.label);
    }
    assert_eq!(create(&world.foo, "one").await, "", "a known meeting is not new");
    assert_eq!(create(&other, "four").await, "", "another tenant has limits of its own");
    world.foo.get("end", &[("meetingID", "one")]).await;
    eventually("a place is free again", || async {
        create(&world.foo, "three").await.is_empty().then_some(())
    })
    .await;
}

/// How many of 64 creates side by side get through.
async fn rush(client: &Client) -> usize {
    let ids: Vec<_> = (0..64).map(|n| format!("rush-{}-{n}", client.label)).collect();
    join_all(ids.iter().map(|id| create(client, id))).await.iter().filter(|it| it.is_empty()).count()
}

#[tokio::test]
async fn creates_side_by_side_pass_no_limit_together() {
    let world = World::start(3).await;
    let change = TenantChange { meeting_limit: Some(5), ..TenantChange::default() };
    world.admin().await.tenant_set(soon(), "FOO".into(), change).await.unwrap().unwrap();
    assert_eq!(rush(&world.foo).await, 5, "of the tenant");

    world.add_tenant("BAR").await;
    let spec =
        SecretSpec { tenant: "BAR".into(), sub_id: 1, secret: None, attendee_limit: 0, meeting_limit: 5 };
    let new = world.admin().await.secret_add(soon(), spec).await.unwrap().unwrap();
    let sub = Client::new(world.daemon.address(), "bar-001", new.secret.reveal());
    assert_eq!(rush(&sub).await, 5, "of the secret");

    let baz = world.add_tenant("BAZ").await;
    assert_eq!(create(&baz, "full").await, "");
    world.host_of("full").set_attendees("full", 5);
    eventually("a poll has seen them", || async {
        let list = baz.get("getMeetings", &[]).await;
        (list.text("participantCount").as_deref() == Some("5")).then_some(())
    })
    .await;
    let change = TenantChange { attendee_limit: Some(5), ..TenantChange::default() };
    world.admin().await.tenant_set(soon(), "BAZ".into(), change).await.unwrap().unwrap();
    assert_eq!(rush(&baz).await, 0, "of attendees");

    let metrics = format!("http://{}/b3lb/metrics", world.daemon.address());
    let text = world.foo.send(world.foo.request("GET", &metrics)).await.body;
    for (limit, name, hits) in
        [("meeting", "FOO", 59), ("meeting", "BAR", 59), ("meeting", "BAR-001", 59), ("attendee", "BAZ", 64)]
    {
        let hits = format!("b3lb_{limit}_limit_hits_total{{secret=\"{name}\"}} {hits}\n");
        assert!(text.contains(&hits), "{hits} is missing in:\n{text}");
    }
}

#[tokio::test]
async fn a_secrets_limits_are_its_own() {
    let world = World::start(1).await;
    let spec =
        SecretSpec { tenant: "FOO".into(), sub_id: 12, secret: None, attendee_limit: 0, meeting_limit: 1 };
    let new = world.admin().await.secret_add(soon(), spec).await.unwrap().unwrap();
    let sub = Client::new(world.daemon.address(), "foo-012", new.secret.reveal());
    assert_eq!(create(&sub, "one").await, "");
    assert_eq!(create(&sub, "two").await, REACHED);
    assert_eq!(create(&world.foo, "two").await, "");
}

#[tokio::test]
async fn the_attendee_limit_counts_who_is_there_now() {
    let world = World::start(1).await;
    let change = TenantChange { attendee_limit: Some(3), ..TenantChange::default() };
    world.admin().await.tenant_set(soon(), "FOO".into(), change).await.unwrap().unwrap();
    assert_eq!(create(&world.foo, "one").await, "");
    let seen = async |count: usize| {
        world.nodes[0].set_attendees("one", count);
        eventually("a poll has seen them", || async {
            let list = world.foo.get("getMeetings", &[]).await;
            (list.texts("participantCount").first() == Some(&count.to_string())).then_some(())
        })
        .await;
    };
    seen(2).await;
    assert_eq!(create(&world.foo, "two").await, "");
    seen(3).await;
    assert_eq!(create(&world.foo, "three").await, REACHED);
    assert_eq!(create(&world.foo, "one").await, "", "a known meeting is not new");
    seen(0).await;
    assert_eq!(create(&world.foo, "three").await, "");
}

#[tokio::test]
async fn simultaneous_creates_do_not_slip_through_together() {
    let world = World::start(2).await;
    let change = TenantChange { meeting_limit: Some(3), ..TenantChange::default() };
    world.admin().await.tenant_set(soon(), "FOO".into(), change).await.unwrap().unwrap();
    let ids: Vec<_> = (0..20).map(|n| format!("room {n}")).collect();
    let answers = join_all(ids.iter().map(|id| create(&world.foo, id))).await;
    assert_eq!(answers.iter().filter(|it| it.is_empty()).count(), 3, "{answers:?}");
    assert_eq!(world.nodes.iter().map(simnode::SimNode::meeting_count).sum::<usize>(), 3);
}
