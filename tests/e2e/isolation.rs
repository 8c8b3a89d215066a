//! Nobody reaches a meeting that is not theirs, by whatever id: BBB looks an id up as the beginning of an internal
//! id first.

use std::collections::BTreeMap;

use harness::{Answer, Client, Form, World, eventually};
use simnode::{MeetingState, Options, SimNode};

use crate::support::{create, polled_again};

const FORMS: [Form; 3] = [Form::Host, Form::Path, Form::Forwarded];
const PRESENTATION: &str = r#"<modules><module name="presentation"><document url="https://x.test/a.pdf" filename="a.pdf"/>
    </module></modules>"#;

/// A world of BBB nodes that take internal ids, or of older ones that do not.
async fn world(nodes: usize, internal_ids: bool) -> World {
    World::start_of(nodes, Options { internal_ids, ..Options::default() }, &[]).await
}

fn meeting(node: &SimNode, id: &str) -> MeetingState {
    node.meeting(id).unwrap_or_else(|| panic!("{id} lives"))
}

/// The calls about a meeting that change nothing but what the node remembers of them.
const CALLS: [&str; 6] =
    ["getMeetingInfo", "isMeetingRunning", "join", "join-xml", "sendChatMessage", "insertDocument"];

async fn call(client: &Client, call: &str, id: &str) -> Answer {
    let params = [("meetingID", id), ("fullName", "Ada"), ("role", "VIEWER"), ("message", "hello")];
    match call {
        "join-xml" => client.get("join", &[&params[..], &[("redirect", "false")]].concat()).await,
        "insertDocument" => client.post_xml(call, &[("meetingID", id)], PRESENTATION).await,
        _ => client.get(call, &params).await,
    }
}

/// Whether a call has reached the meeting of that internal id, and which it has reached instead.
fn reached(node: &SimNode, call: &str, answer: &Answer, meant: &MeetingState) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{call}: {what}: {answer:?}"));
    match call {
        "getMeetingInfo" if answer.text("internalMeetingID").as_deref() == Some(&meant.internal_id) => Ok(()),
        "isMeetingRunning" if answer.text("running").as_deref() == Some("true") => Ok(()),
        "join-xml" if answer.text("meeting_id").as_deref() == Some(&meant.internal_id) => Ok(()),
        "join" if answer.status == 302 => {
            let location = answer.location();
            let query = location.split_once('?').map(|(_, query)| query).unwrap_or_default();
            let id = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "meetingID");
            let id = id.map(|(_, id)| id.into_owned()).unwrap_or_default();
            if id == meant.internal_id || id == meant.id { Ok(()) } else { wrong("leads elsewhere") }
        }
        "sendChatMessage" | "insertDocument" if answer.ok() => {
            let now = meeting(node, &meant.internal_id);
            let grown = now.chat.len() > meant.chat.len() || now.documents.len() > meant.documents.len();
            if grown { Ok(()) } else { wrong("went elsewhere") }
        }
        _ => wrong("not reached"),
    }
}

/// The answer to a call about a meeting that is not there.
fn is_unknown(call: &str, answer: &Answer) -> bool {
    match call {
        "isMeetingRunning" => answer.ok() && answer.text("running").as_deref() == Some("false"),
        "join" | "join-xml" => answer.status == 200 && answer.key() == "invalidMeetingIdentifier",
        "sendChatMessage" => answer.status == 200 && answer.key() == "meetingNotFound",
        _ => answer.status == 200 && answer.returncode() == "FAILED" && answer.key() == "notFound",
    }
}

/// All ids by which somebody could mean a meeting, in words.
fn ids_of(it: &MeetingState) -> BTreeMap<&'static str, String> {
    let internal = &it.internal_id;
    let prefix = |digits: usize| internal[..digits].to_owned();
    BTreeMap::from([
        ("external id", it.id.clone()),
        ("internal id", internal.clone()),
        ("2 digits", prefix(2)),
        ("8 digits", prefix(8)),
        ("40 digits", prefix(40)),
    ])
}

/// Every call by everybody, by every id of a meeting and of its breakout rooms, in every form.
async fn matrix(internal_ids: bool) {
    let world = world(1, internal_ids).await;
    let node = &world.nodes[0];
    let (bar, sub) = (world.add_tenant("BAR").await, world.add_secret("FOO", 12).await);
    world.foo.create("staff-room").await;
    for (client, id) in [(&bar, "of-bar"), (&sub, "of-sub")] {
        client.create(id).await;
    }
    node.set_attendees("staff-room", 3);
    let rooms = node.open_breakouts("staff-room", 2);
    node.set_attendees(&rooms[0], 1);
    node.set_attendees(&rooms[1], 1);
    eventually("the rooms are listed", || async {
        let list = world.foo.get("getMeetings", &[]).await.texts("meetingID");
        rooms.iter().all(|room| list.contains(room)).then_some(())
    })
    .await;
    polled_again(node).await;
    let lives: Vec<_> = ["staff-room", &rooms[0], &rooms[1]].map(|id| meeting(node, id)).into();
    for form in FORMS {
        for (name, id, life) in
            lives.iter().flat_map(|life| ids_of(life).into_iter().map(move |(name, id)| (name, id, life)))
        {
            for what in CALLS {
                let before = node.meetings();
                let meant = meeting(node, &life.internal_id);
                let case = format!("{form:?} {name} of {} by", life.id);
                let own = call(&world.foo.by(form), what, &id).await;
                if name.ends_with("digits") {
                    assert!(is_unknown(what, &own), "{case} the owner, {what}: {own:?}");
                } else if let Err(error) = reached(node, what, &own, &meant) {
                    panic!("{case} the owner: {error}");
                }
                for stranger in [&sub, &bar] {
                    let seen = node.meetings();
                    let answer = call(&stranger.by(form), what, &id).await;
                    assert!(is_unknown(what, &answer), "{case} {}, {what}: {answer:?}", stranger.label);
                    let asked = format!("{seen:?}") == format!("{:?}", node.meetings());
                    assert!(asked, "{case} {}, {what}: nothing has changed", stranger.label);
                }
                assert_eq!(before.len(), node.meetings().len());
            }
            for stranger in [&sub, &bar] {
                let ended = stranger.by(form).get("end", &[("meetingID", &id)]).await;
                assert_eq!(ended.key(), "notFound", "{form:?} end {name} by {}", stranger.label);
                let room = [
                    ("meetingID", "a room"),
                    ("name", "A room"),
                    ("isBreakout", "true"),
                    ("parentMeetingID", &id),
                    ("sequence", "1"),
                ];
                let room = stranger.by(form).get("create", &room).await;
                assert_eq!(room.key(), "validationError", "{form:?} room of {name} by {}", stranger.label);
            }
        }
    }
    // The owner may end them all, by whichever id.
    for (id, left) in [(&lives[2].internal_id, 4), (&rooms[0], 3), (&lives[0].internal_id, 2)] {
        assert_eq!(world.foo.get("end", &[("meetingID", id)]).await.key(), "sentEndMeetingRequest", "{id}");
        assert_eq!(node.meeting_count(), left, "{id}");
    }
}

#[tokio::test]
async fn finding_21_the_owner_reaches_all_that_is_listed_and_nobody_else_does() {
    matrix(true).await;
}

#[tokio::test]
async fn finding_21_the_same_on_nodes_without_internal_ids() {
    matrix(false).await;
}

/// An id that is the beginning of a stranger's internal id means a meeting of one's own, or none.
#[tokio::test]
async fn finding_1_an_id_that_begins_a_strangers_internal_id_reaches_no_stranger() {
    let world = world(1, true).await;
    let node = &world.nodes[0];
    let bar = world.add_tenant("BAR").await;
    world.foo.create("staff-room").await;
    node.set_attendees("staff-room", 3);
    let staff = meeting(node, "staff-room");
    for digits in [2, 8, 40, staff.internal_id.len()] {
        let id = &staff.internal_id[..digits];
        let created = create(&bar, id).await;
        assert!(created.ok() && created.key().is_empty(), "{id}: {created:?}");
        let own = created.text("internalMeetingID").expect("it has one");
        assert_ne!(own, staff.internal_id);
        let repeated = create(&bar, id).await;
        assert_eq!(repeated.text("internalMeetingID").as_ref(), Some(&own), "{id}: {repeated:?}");
        for what in CALLS {
            let meant = meeting(node, &own);
            node.set_attendees(&own, 1);
            let answer = call(&bar, what, id).await;
            reached(node, what, &answer, &meant).unwrap_or_else(|error| panic!("{id}: {error}"));
        }
        let listed = bar.get("getMeetings", &[]).await.texts("internalMeetingID");
        assert_eq!(listed, std::slice::from_ref(&own), "{id}");
        assert_eq!(bar.get("end", &[("meetingID", id)]).await.key(), "sentEndMeetingRequest", "{id}");
        assert!(node.meeting(&own).is_none(), "{id}: its own has ended");
        eventually("the end is noticed", || async {
            bar.get("getMeetings", &[]).await.texts("meetingID").is_empty().then_some(())
        })
        .await;
        let now = meeting(node, "staff-room");
        assert_eq!((now.chat.len(), now.documents.len(), now.attendees.len()), (0, 0, 3), "{id}");
    }
    assert_eq!(meeting(node, "staff-room").internal_id, staff.internal_id);
    // Nor is the owner of the long id led astray.
    for what in CALLS {
        let meant = meeting(node, "staff-room");
        let answer = call(&world.foo, what, "staff-room").await;
        reached(node, what, &answer, &meant).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// There, such an id and anybody else's meeting are kept apart, whichever came first.
#[tokio::test]
async fn finding_1_nodes_without_internal_ids_are_not_shared_with_such_an_id() {
    for long_first in [true, false] {
        let world = world(2, false).await;
        let bar = world.add_tenant("BAR").await;
        let (long, short) = if long_first { (&world.foo, &bar) } else { (&bar, &world.foo) };
        let order = if long_first {
            [(long, "staff-room"), (short, "ab")]
        } else {
            [(short, "ab"), (long, "staff-room")]
        };
        for (client, id) in order {
            assert!(create(client, id).await.ok(), "{id}");
        }
        assert_ne!(world.hosts_of("staff-room"), world.hosts_of("ab"), "{long_first}");
        let third = world.add_tenant("BAZ").await;
        assert_eq!(create(&third, "cd").await.key(), "idNotUnique", "no node is left for it");
        assert!(create(short, "ef").await.ok(), "one's own may be there");
        assert_eq!(world.hosts_of("ef"), world.hosts_of("ab"), "{long_first}");
        assert!(create(&third, "another").await.ok());
        assert_eq!(world.hosts_of("another"), world.hosts_of("staff-room"), "{long_first}");
        for (client, id) in [(long, "staff-room"), (short, "ab"), (short, "ef"), (&third, "another")] {
            let info = client.get("getMeetingInfo", &[("meetingID", id)]).await;
            assert_eq!(info.text("meetingID").as_deref(), Some(id), "{info:?}");
        }
    }
}
