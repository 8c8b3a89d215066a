//! `getMeetings`: what the nodes said, word for word, and at once.

use std::collections::BTreeSet;

use harness::{Client, World, eventually};
use quick_xml::Reader;
use quick_xml::events::Event;
use rpc::NodeState;
use simnode::{Fault, Scope};

const NASTY: &str = "<&>\"' äöü €😀 &amp; ]]> <b>x</b>";

/// The `<meeting>` elements of a list, byte for byte, in order.
fn fragments(list: &str) -> Vec<String> {
    let mut meetings: Vec<_> = list.split("</meeting>").collect();
    meetings.pop();
    let begin = |text: &str| text.find("<meeting>").expect("each one begins");
    meetings.iter().map(|text| format!("{}</meeting>", &text[begin(text)..])).collect()
}

/// Every text in a document with the path of elements to it.
fn texts(xml: &str) -> BTreeSet<(String, String)> {
    let (mut reader, mut path, mut text) = (Reader::from_str(xml), Vec::new(), String::new());
    let mut found = BTreeSet::new();
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(it) => {
                path.push(it.name().as_ref().to_owned());
                text.clear();
            }
            Event::Empty(it) => {
                _ = found.insert((format!("{}/{}", path.join("/"), it.name().as_ref()), String::new()));
            }
            Event::Text(it) => text.push_str(&it),
            Event::GeneralRef(it) => text.extend(["&", &*it, ";"]),
            Event::End(_) => {
                found.insert((
                    path.join("/"),
                    quick_xml::escape::unescape(text.trim()).expect("entities").into_owned(),
                ));
                path.pop();
                text.clear();
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

async fn list(client: &Client) -> String {
    client.get("getMeetings", &[]).await.without_marker().body
}

/// The list when it is made of the fragments that the nodes show now.
async fn polled(world: &World, client: &Client) -> Vec<String> {
    eventually("the list has what the nodes show", || async {
        let mut shown = Vec::new();
        for node in &world.nodes {
            shown.extend(fragments(&list(&World::without_b3lb(node)).await));
        }
        let ours = fragments(&list(client).await);
        let (mut these, mut those) = (ours.clone(), shown);
        these.sort();
        those.sort();
        (these == those).then_some(ours)
    })
    .await
}

#[tokio::test]
async fn a_meeting_is_listed_at_once_as_its_node_will_show_it() {
    // No poll comes between.
    let world = World::start_with(1, &[("POLL_INTERVAL", "600")]).await;
    let params = [
        ("meetingID", "room & <b>"),
        ("name", NASTY),
        ("meta_bbb-origin", "Moodle & Söhne"),
        ("meta_Upper-Case", NASTY),
        ("meta_empty", ""),
        ("meta_not_a_name", "x"),
        ("meta_1", "x"),
        ("meta_twice", "first"),
        ("meta_TWICE", "second"),
        ("maxParticipants", "30"),
        ("duration", "60"),
        ("attendeePW", "a&p"),
        ("moderatorPW", "<mp>"),
    ];
    assert!(world.foo.get("create", &params).await.ok());
    let ours = list(&world.foo).await;
    let node = &world.nodes[0];
    let mut theirs = texts(&list(&World::without_b3lb(node)).await);
    theirs.retain(|(path, _)| !path.ends_with("x-vendor-extension"));
    let ours = texts(&ours);
    assert_eq!(ours.difference(&theirs).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "only ours");
    assert_eq!(theirs.difference(&ours).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "only theirs");
    let expected = ("response/meetings/meeting/metadata/upper-case".to_owned(), NASTY.to_owned());
    assert!(ours.contains(&expected), "escaped exactly once");

    // A breakout room shows whose it is.
    let parent = node.meetings()[0].internal_id.clone();
    let room = [
        ("meetingID", "breakout"),
        ("name", "A room"),
        ("isBreakout", "true"),
        ("parentMeetingID", "room & <b>"),
        ("sequence", "7"),
        ("freeJoin", "true"),
    ];
    assert!(world.foo.get("create", &room).await.ok());
    let ours = texts(&list(&world.foo).await);
    for (name, value) in
        [("isBreakout", "true"), ("parentMeetingID", &parent), ("sequence", "7"), ("freeJoin", "true")]
    {
        let expected = (format!("response/meetings/meeting/{name}"), value.to_owned());
        assert!(ours.contains(&expected), "{expected:?} in {ours:?}");
    }
}

#[tokio::test]
async fn lists_are_what_the_nodes_wrote_byte_for_byte() {
    let world = World::start(3).await;
    for n in 0..6 {
        let (id, meta) = (format!("room {n} &<>\""), format!("{n} {NASTY}"));
        let params = [("meetingID", id.as_str()), ("name", NASTY), ("meta_text", &meta)];
        assert!(world.foo.get("create", &params).await.ok(), "{id}");
        world.host_of(&id).set_attendees(&id, n);
    }
    let ours = polled(&world, &world.foo).await;
    assert_eq!(ours.len(), 6);
    for fragment in &ours {
        assert!(
            fragment.contains("<x-vendor-extension a=\"1\">keep &amp; me</x-vendor-extension>\n"),
            "{fragment}"
        );
    }
    let answer = world.foo.get("getMeetings", &[]).await;
    assert_eq!(answer.header("content-type"), Some("text/xml; charset=utf-8"));
    assert_eq!(answer.returncode(), "SUCCESS");
    assert!(
        answer.texts("meetingName").iter().all(|it| it == NASTY),
        "escaped exactly once: {}",
        answer.body
    );
    let expected: BTreeSet<_> = (0..6).map(|n| format!("{n} {NASTY}")).collect();
    assert_eq!(answer.texts("text").into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(
        answer.texts("meetingID"),
        (0..6).map(|n| format!("room {n} &<>\"")).collect::<Vec<_>>(),
        "oldest first"
    );
}

#[tokio::test]
async fn a_node_with_broken_lists_changes_nothing() {
    let world = World::start_with(2, &[("NODE_DOWN_AFTER", "1000")]).await;
    let ids = (0..8).map(|n| format!("room {n}")).collect::<Vec<_>>();
    for id in &ids {
        world.foo.create(id).await;
    }
    let (bad, good) = (&world.nodes[0], &world.nodes[1]);
    assert!(bad.meeting_count() > 0 && good.meeting_count() > 0, "both have some");
    for (round, fault) in [Fault::Cut, Fault::Html, Fault::Http500].into_iter().enumerate() {
        bad.heal();
        world.all_up().await;
        let before = polled(&world, &world.foo).await;
        bad.fail(fault.clone(), Scope::call("getMeetings"));
        world.node_state(1, NodeState::Suspect).await;
        // What happens on the bad node is not seen, what happens on the good one is.
        let of =
            |node: &simnode::SimNode| node.meetings().into_iter().map(|it| it.id).collect::<BTreeSet<_>>();
        let (unseen, seen) = (of(bad), of(good));
        let count = 1 + round;
        for id in &unseen {
            bad.set_attendees(id, 10 + round);
        }
        for id in &seen {
            good.set_attendees(id, count);
        }
        let after = eventually("the good node's changes", || async {
            let after = fragments(&list(&world.foo).await);
            let figure = format!("<participantCount>{count}</participantCount>");
            (after.iter().filter(|it| it.contains(&figure)).count() == seen.len()).then_some(after)
        })
        .await;
        assert_eq!(after.len(), ids.len(), "{fault:?}");
        let kept = after.iter().filter(|it| before.contains(it)).count();
        assert_eq!(kept, unseen.len(), "{fault:?}: the last good fragments stay");
    }
    bad.heal();
    world.all_up().await;
    assert_eq!(
        polled(&world, &world.foo).await.len(),
        ids.len(),
        "and right after the recovery all is shown again"
    );
}

#[tokio::test]
async fn without_meetings_the_list_says_so() {
    let world = World::start(2).await;
    let sub = world.add_secret("FOO", 12).await;
    world.add_tenant("BAR").await.create("of bar").await;
    world.nodes[0].insert_meeting("of nobody", "x");
    for client in [&world.foo, &sub] {
        let answer = client.get("getMeetings", &[]).await;
        assert!(answer.ok() && answer.body.contains("<meetings/>"), "{answer:?}");
        assert_eq!(answer.key(), "noMeetings", "{}", client.label);
        assert!(answer.text("message").is_some_and(|it| !it.is_empty()), "{answer:?}");
    }
    sub.create("room").await;
    let answer = sub.get("getMeetings", &[]).await;
    assert!(!answer.body.contains("messageKey") && !answer.body.contains("<meetings/>"), "{answer:?}");
    sub.get("end", &[("meetingID", "room")]).await;
    eventually("empty again", || async {
        (sub.get("getMeetings", &[]).await.key() == "noMeetings").then_some(())
    })
    .await;
}

#[tokio::test]
async fn meetings_of_nobody_are_shown_to_nobody_but_weigh() {
    let world = World::start(2).await;
    let load_before = world.node_view(1).await.load;
    world.nodes[0].preload("of nobody", 3, 4);
    let view = eventually("a poll counts them", || async {
        let view = world.node_view(1).await;
        (view.meetings == Some(3)).then_some(view)
    })
    .await;
    assert_eq!(view.attendees, Some(12));
    assert!(view.load > load_before, "{} above {load_before}", view.load);
    world.foo.create("room").await;
    assert_eq!(world.hosts_of("room"), [2], "the other node is emptier");
    assert_eq!(world.foo.get("getMeetings", &[]).await.texts("meetingID"), ["room"]);
    let bar = world.add_tenant("BAR").await;
    assert_eq!(bar.get("getMeetings", &[]).await.key(), "noMeetings");
    for call in ["getMeetingInfo", "end"] {
        let answer = world.foo.get(call, &[("meetingID", "of nobody-0")]).await;
        assert_eq!(answer.key(), "notFound", "{call}");
    }
    assert_eq!(world.nodes[0].meeting_count(), 3);
    let elsewhere = world.foo.get("create", &[("meetingID", "of nobody-0"), ("name", "Mine")]).await;
    assert!(elsewhere.ok(), "{elsewhere:?}");
    assert_eq!(world.hosts_of("of nobody-0"), [1, 2], "placed where nobody has that id");
}
