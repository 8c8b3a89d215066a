//! No call of one secret reaches a meeting of another.

use harness::{Client, STYLES, Via, World};

use super::{PASSED_THROUGH, SLIDES};

const JOIN: [(&str, &str); 4] =
    [("meetingID", "room"), ("fullName", "Eve"), ("role", "MODERATOR"), ("message", "boo")];

#[tokio::test]
async fn no_call_reaches_a_strangers_meeting() {
    let mut world = World::start(1).await;
    let owner = world.add_secret("FOO", 12).await;
    owner.create("room").await;
    let node = world.host_of("room").clone();
    let before = node.meeting("room").expect("it lives");
    let strangers = strangers(&world).await;
    node.clear_requests();

    for stranger in &strangers {
        for (form, via) in STYLES {
            let stranger = stranger.by(form);
            let case = |call: &str| format!("{call} by {} {form:?} {via:?}", stranger.label);
            let ask = async |call: &str| match call {
                "insertDocument" => stranger.post_xml(call, &JOIN, SLIDES).await,
                _ => stranger.call(via, call, &JOIN).await,
            };
            for call in PASSED_THROUGH {
                assert!(ask(call).await.key().ends_with("otFound"), "{}", case(call));
            }
            assert_eq!(
                ask("isMeetingRunning").await.text("running").as_deref(),
                Some("false"),
                "{}",
                case("isMeetingRunning")
            );
            for call in ["getRecordings", "getRecordingTextTracks"] {
                assert!(ask(call).await.body.contains("noRecordings"), "{}", case(call));
            }
            let list = ask("getMeetings").await;
            if stranger.label == "foo" {
                assert_eq!(list.texts("meetingID"), ["room"], "{} sees its tenant's", case("getMeetings"));
            } else {
                assert_eq!(
                    (list.key().as_str(), list.body.contains("room")),
                    ("noMeetings", false),
                    "{}",
                    case("getMeetings")
                );
            }
            if via == Via::Get {
                assert_eq!(ask("join").await.key(), "invalidMeetingIdentifier", "{}", case("join"));
                let asked = stranger.get("join", &[&JOIN[..], &[("redirect", "false")]].concat()).await;
                assert_eq!(asked.key(), "invalidMeetingIdentifier", "{}", case("join redirect=false"));
            }
            // With the only node taken by that id there is no place.
            let created = stranger.call(via, "create", &[("meetingID", "room"), ("name", "Mine")]).await;
            assert_eq!(created.key(), "idNotUnique", "{}", case("create"));
        }
    }
    let asked: Vec<_> = node
        .requests()
        .into_iter()
        .filter(|it| !matches!(it.call.as_str(), "" | "getMeetings" | "load"))
        .collect();
    assert!(asked.is_empty(), "the node hears of none of it: {asked:?}");
    let after = node.meeting("room").expect("it lives");
    assert_eq!(
        (after.internal_id, after.attendees, after.chat, after.documents),
        (before.internal_id, vec![], vec![], vec![])
    );

    // With more nodes each gets its own, until none is left.
    for _ in 1..strangers.len() {
        world.add_node().await;
    }
    world.all_up().await;
    same_id_apart(&world, &owner, &strangers).await;
}

/// Other secrets of the tenant, sub id 0 among them, and of another tenant.
async fn strangers(world: &World) -> Vec<Client> {
    vec![
        world.foo.clone(),
        world.add_secret("FOO", 13).await,
        world.add_tenant("BAR").await,
        world.add_secret("BAR", 12).await,
    ]
}

async fn same_id_apart(world: &World, owner: &Client, strangers: &[Client]) {
    let (last, lucky) = strangers.split_last().expect("strangers");
    let mut all = vec![owner.clone()];
    for stranger in lucky {
        stranger.create("room").await;
        all.push(stranger.clone());
    }
    assert_eq!(world.hosts_of("room").len(), world.nodes.len(), "each on a node of its own");
    let unlucky = last.get("create", &[("meetingID", "room"), ("name", "Mine")]).await;
    assert_eq!(unlucky.key(), "idNotUnique", "no node is left");

    let internal_id = async |client: &Client| {
        client.get("getMeetingInfo", &[("meetingID", "room")]).await.text("internalMeetingID")
    };
    let mut ids = Vec::new();
    for client in &all {
        ids.push(internal_id(client).await.expect("its own"));
    }
    let lists = async |client: &Client| client.get("getMeetings", &[]).await.texts("internalMeetingID");
    assert_eq!(lists(owner).await, ids[..1], "a sub id sees its own");
    let (mut seen, mut tenants) = (lists(&world.foo).await, ids[..3].to_vec());
    seen.sort();
    tenants.sort();
    assert_eq!(seen, tenants, "sub id 0 sees all of its tenant and no more");

    for (gone, client) in all.iter().enumerate() {
        assert_eq!(
            client.get("end", &[("meetingID", "room")]).await.key(),
            "sentEndMeetingRequest",
            "{}",
            client.label
        );
        assert_eq!(world.hosts_of("room").len(), all.len() - gone - 1, "{} ends its own only", client.label);
    }
}

#[tokio::test]
async fn sub_id_0_sees_all_of_its_tenant_and_others_their_own() {
    let world = World::start(2).await;
    let (sub, bar) = (world.add_secret("FOO", 12).await, world.add_tenant("BAR").await);
    for (client, ids) in [(&world.foo, ["f1", "f2"]), (&sub, ["s1", "s2"]), (&bar, ["b1", "b2"])] {
        for id in ids {
            client.create(id).await;
        }
    }
    for (form, via) in STYLES {
        for (client, expected) in
            [(&world.foo, &["f1", "f2", "s1", "s2"][..]), (&sub, &["s1", "s2"]), (&bar, &["b1", "b2"])]
        {
            let mut seen = client.by(form).call(via, "getMeetings", &[]).await.texts("meetingID");
            seen.sort();
            assert_eq!(seen, expected, "{} {form:?} {via:?}", client.label);
        }
    }
}
