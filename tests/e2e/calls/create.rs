//! `create`: whose answer comes back, and what ids and names it takes.

use harness::{Client, STYLES, World};
use rpc::NodeState;
use simnode::{Fault, Scope};

use super::{SLIDES, XML};

#[tokio::test]
async fn a_repeated_create_is_answered_by_the_node_in_its_own_words() {
    let world = World::start(3).await;
    for (form, via) in STYLES {
        let (foo, id) = (world.foo.by(form), format!("room {form:?} {via:?}"));
        let with = |attendee_pw| {
            [
                ("meetingID", id.as_str()),
                ("name", "A room"),
                ("attendeePW", attendee_pw),
                ("moderatorPW", "mp"),
            ]
        };
        let first = foo.call(via, "create", &with("ap")).await;
        assert!(first.ok() && first.key().is_empty(), "{id}: {first:?}");
        assert_eq!(first.text("meetingID").as_ref(), Some(&id));
        let node = world.host_of(&id);
        let direct = World::without_b3lb(node);
        for (attendee_pw, key) in [("ap", "duplicateWarning"), ("other", "idNotUnique")] {
            let answer = foo.call(via, "create", &with(attendee_pw)).await;
            assert_eq!(answer.key(), key, "{id}");
            // Asked directly, a node believes forms only if they are signed its own way.
            let word = direct.get("create", &with(attendee_pw)).await;
            assert_eq!(answer.essence(), word.essence(), "{id}");
        }
        let repeated = foo.call(via, "create", &with("ap")).await;
        assert_eq!(repeated.text("createTime"), first.text("createTime"), "{id}: the same instance");
        assert_eq!(world.hosts_of(&id).len(), 1, "{id}");
    }
}

#[tokio::test]
async fn a_nodes_refusal_comes_back_unchanged() {
    let world = World::start(2).await;
    // The parameter reaches the node, which does not take the call with that body.
    let body = "<modules/>";
    let params = [
        ("meetingID", "room"),
        ("name", "A room"),
        ("isBreakout", "true"),
        ("parentMeetingID", "parent"),
        ("sequence", "1"),
    ];
    world.foo.create("parent").await;
    let node = world.host_of("parent");
    node.forget_meeting("parent");
    let refused = world.foo.post_xml("create", &params, body).await;
    assert_eq!(refused.key(), "parentMeetingDoesNotExist");
    let direct = World::without_b3lb(node).post_xml("create", &params, body).await;
    assert_eq!(refused.essence(), direct.essence());
    assert_eq!(
        world.foo.get("getMeetings", &[]).await.texts("meetingID"),
        ["parent"],
        "nothing is left of it"
    );
}

#[tokio::test]
async fn an_xml_body_goes_on_as_it_came() {
    let world = World::start(1).await;
    for (form, _) in STYLES {
        for content_type in
            ["application/xml", "text/xml", "application/xml; charset=UTF-8", "TEXT/XML;charset=utf-8"]
        {
            let (foo, id) = (world.foo.by(form), format!("{form:?} {content_type}"));
            let url = foo.signed_url("create", &[("meetingID", &id), ("name", "A room")]);
            let request = foo.request("POST", &url).header("content-type", content_type).body(SLIDES);
            let answer = foo.send(request).await;
            assert!(answer.ok(), "{id}: {answer:?}");
            let meeting = world.nodes[0].meeting(&id).expect("it is there");
            assert_eq!(meeting.body, SLIDES, "{id}");
            assert_eq!(meeting.content_type.as_deref(), Some(content_type), "{id}");
            assert_eq!(meeting.documents[0].name.as_deref(), Some("a.pdf"), "{id}");
        }
    }
}

#[tokio::test]
async fn ids_and_names_have_their_sizes() {
    let world = World::start(1).await;
    let umlauts = |n: usize| "ä".repeat(n);
    let (longest, too_long) = (umlauts(256), umlauts(257));
    // Meeting id, name, key of the refusal.
    let cases = [
        ("ab", "ab", None),
        (longest.as_str(), longest.as_str(), None),
        ("a😀", "😀b", None),
        ("a", "A room", Some("sizeError")),
        (" a ", "A room", Some("sizeError")),
        (too_long.as_str(), "A room", Some("sizeError")),
        ("a,b", "A room", Some("validationError")),
        (",,", "A room", Some("validationError")),
        ("room", "", Some("sizeError")),
        ("room", "x", Some("sizeError")),
        ("room", too_long.as_str(), Some("sizeError")),
    ];
    for (id, name, refused) in cases {
        for (form, via) in STYLES {
            let answer = world.foo.by(form).call(via, "create", &[("meetingID", id), ("name", name)]).await;
            let case = format!("{id:.9} named {name:.9}, {form:?} {via:?}: {answer:?}");
            match refused {
                None => assert!(answer.ok(), "{case}"),
                Some(key) => {
                    assert_eq!((answer.status, answer.returncode().as_str()), (200, "FAILED"), "{case}");
                    assert_eq!(
                        (answer.key().as_str(), answer.header("content-type")),
                        (key, Some(XML)),
                        "{case}"
                    );
                }
            }
        }
    }
    let nameless = world.foo.get("create", &[("meetingID", "room")]).await;
    assert_eq!(nameless.key(), "sizeError", "a name is needed");
    assert_eq!(world.nodes[0].meeting_count(), 3, "refusals make nothing");
}

#[tokio::test]
async fn without_a_node_there_is_no_meeting() {
    let world = World::start(0).await;
    let answer = world.foo.get("create", &[("meetingID", "room"), ("name", "A room")]).await;
    assert_eq!(
        (answer.key().as_str(), answer.text("message").as_deref()),
        ("internalError", Some("No Node available."))
    );
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(XML)));
    assert_eq!(world.foo.get("getMeetings", &[]).await.key(), "noMeetings");
}

/// The join that follows needs no node, so a create is answered from what is known of the first.
async fn repeats_while_silent(foo: &Client) {
    let create = async |attendee_pw, moderator_pw| {
        let passwords = [("attendeePW", attendee_pw), ("moderatorPW", moderator_pw)];
        foo.get("create", &[&[("meetingID", "room"), ("name", "A room")], &passwords[..]].concat()).await
    };
    let repeated = create("ap", "mp").await;
    assert!(repeated.ok() && repeated.key() == "duplicateWarning", "{repeated:?}");
    assert_eq!(repeated.text("attendeePW").as_deref(), Some("ap"), "all elements of the first answer");
    assert!(repeated.text("internalMeetingID").is_some_and(|it| !it.is_empty()), "{repeated:?}");
    assert!(create("", "").await.ok(), "passwords that are not given agree");
    for (attendee_pw, moderator_pw) in [("other", "mp"), ("ap", "other"), ("ap", "")] {
        let case = format!("{attendee_pw:?} {moderator_pw:?}");
        assert_eq!(create(attendee_pw, moderator_pw).await.key(), "idNotUnique", "{case}");
    }
}

#[tokio::test]
async fn a_repeated_create_is_answered_for_a_silent_node() {
    let world = World::start_with(1, &[("NODE_REQUEST_TIMEOUT", "0.5"), ("NODE_DOWN_AFTER", "1000")]).await;
    let first = [("meetingID", "room"), ("name", "A room"), ("attendeePW", "ap"), ("moderatorPW", "mp")];
    assert!(world.foo.get("create", &first).await.ok());
    let node = &world.nodes[0];
    node.fail(Fault::Hang, Scope::call("create"));
    repeats_while_silent(&world.foo).await;
    node.refuse().await;
    world.node_state(1, NodeState::Suspect).await;
    repeats_while_silent(&world.foo).await;
}
