//! Calls about a meeting that exists, or does not.

use harness::{Answer, Client, STYLES, Via, World, eventually};
use simnode::{Fault, Scope};

use super::{PASSED_THROUGH, SLIDES, XML};

const MESSAGE: (&str, &str) = ("message", "Hällo & <all> + you");

/// A call in one of the styles; `insertDocument` takes its presentations in an XML body only.
async fn call(client: &Client, via: Via, call: &str, params: &[(&str, &str)]) -> Answer {
    match call {
        "insertDocument" => client.post_xml(call, params, SLIDES).await,
        _ => client.call(via, call, params).await,
    }
}

#[tokio::test]
async fn answers_of_nodes_come_back_unchanged() {
    let world = World::start(1).await;
    let node = &world.nodes[0];
    let direct = World::without_b3lb(node);
    for (form, via) in STYLES {
        let foo = world.foo.by(form);
        foo.create("room").await;
        node.insert_meeting("other", "for the node to end");
        for name in PASSED_THROUGH {
            let case = format!("{name} {form:?} {via:?}");
            let params = [("meetingID", "room"), MESSAGE, ("password", "x")];
            // Handled all the same, and only once can a meeting be ended.
            if name != "end" {
                node.fail(Fault::BrokenXml, Scope::call(name).times(2));
                let ours = call(&foo, via, name, &params).await;
                assert_eq!(ours.essence(), call(&direct, Via::Get, name, &params).await.essence(), "{case}");
            }
            let ours = call(&foo, via, name, &params).await;
            let params =
                if name == "end" { [("meetingID", "other"), MESSAGE, ("password", "x")] } else { params };
            let directly = call(&direct, Via::Get, name, &params).await.without_marker();
            assert_eq!(ours.essence(), directly.essence(), "{case}");
            assert!(ours.ok() || name == "setConfigXML", "{case}: {ours:?}");
        }
        eventually("the poll sees the end", || async {
            (world.foo.get("getMeetings", &[]).await.key() == "noMeetings").then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn finding_15_what_is_not_bbbs_answer_is_none() {
    let world = World::start(1).await;
    let node = &world.nodes[0];
    world.foo.create("room").await;
    let faults = [Fault::Html, Fault::Http500, Fault::Status(101), Fault::Status(600), Fault::Status(999)];
    for fault in faults {
        for name in PASSED_THROUGH {
            world.foo.create("room").await;
            let params = [("meetingID", "room"), MESSAGE, ("password", "x")];
            node.fail(fault.clone(), Scope::call(name));
            let answer = call(&world.foo, Via::Get, name, &params).await;
            let case = format!("{name} {fault:?}: {answer:?}");
            assert_eq!((answer.status, answer.key().as_str()), (200, "internalError"), "{case}");
            assert!(answer.text("message").unwrap().contains("does not answer"), "{case}");
            node.heal();
        }
        node.fail(fault.clone(), Scope::call("isMeetingRunning"));
        let answer = world.foo.get("isMeetingRunning", &[("meetingID", "room")]).await;
        assert_eq!((answer.status, answer.text("running").as_deref()), (200, Some("false")), "{fault:?}");
        node.heal();
    }
}

#[tokio::test]
async fn documents_and_messages_arrive() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    for (form, via) in STYLES {
        let foo = world.foo.by(form);
        assert!(call(&foo, via, "sendChatMessage", &[("meetingID", "room"), MESSAGE]).await.ok());
        assert!(call(&foo, via, "insertDocument", &[("meetingID", "room")]).await.ok());
    }
    let meeting = world.nodes[0].meeting("room").expect("it lives");
    assert_eq!(meeting.chat, [MESSAGE.1; STYLES.len()]);
    assert_eq!(meeting.documents.len(), STYLES.len());
    let insert = &world.asked("insertDocument")[0];
    assert_eq!((insert.method.as_str(), insert.content_type.as_deref()), ("POST", Some("application/xml")));
    assert_eq!(insert.body, SLIDES);
}

#[tokio::test]
async fn of_the_headers_only_the_content_type_goes_through() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    let ask = async |call: &str, params: &[(&str, &str)]| {
        let request = world.foo.request("GET", &world.foo.signed_url(call, params));
        let headers = [
            ("cookie", "session=of-the-client"),
            ("authorization", "Bearer of-the-client"),
            ("x-forwarded-for", "198.51.100.7"),
            ("x-of-the-client", "1"),
            ("user-agent", "of-the-client"),
            ("referer", "http://of-the-client.example/"),
            ("accept-language", "xx-of-the-client"),
        ];
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        world.foo.send(request).await
    };
    let joined =
        ask("join", &[("meetingID", "room"), ("fullName", "Ada"), ("role", "VIEWER"), ("redirect", "false")])
            .await;
    assert!(joined.ok(), "{joined:?}");
    for header in ["server", "location"] {
        assert_eq!(joined.header(header), None, "the node's {header} stays behind");
    }
    ask("getMeetingInfo", &[("meetingID", "room")]).await;
    let expected = ["accept", "accept-encoding", "host", "user-agent"];
    for call in ["join", "getMeetingInfo"] {
        let request = world.asked(call).pop().expect("the node was asked");
        let mut names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert!(names.iter().all(|name| expected.contains(name)), "{call}: {names:?}");
        assert!(
            !request.headers.iter().any(|(_, value)| value.contains("of-the-client")),
            "{call}: {request:?}"
        );
    }
}

#[tokio::test]
async fn whether_a_meeting_runs_is_asked_of_its_node() {
    let world = World::start(2).await;
    let name = "isMeetingRunning";
    world.foo.create("room").await;
    let node = world.host_of("room");
    let direct = World::without_b3lb(node);
    for (form, via) in STYLES {
        let foo = world.foo.by(form);
        let unknown = foo.call(via, name, &[("meetingID", "nowhere")]).await;
        assert!(unknown.ok() && unknown.header("content-type") == Some(XML), "{unknown:?}");
        assert_eq!(unknown.text("running").as_deref(), Some("false"));
        assert!(world.asked(name).is_empty(), "no node is asked for an unknown meeting");
        for (attendees, running) in [(0, "false"), (1, "true")] {
            node.set_attendees("room", attendees);
            let known = foo.call(via, name, &[("meetingID", "room")]).await;
            assert_eq!(known.text("running").as_deref(), Some(running), "{form:?} {via:?}");
            assert_eq!(known.essence(), direct.call(via, name, &[("meetingID", "room")]).await.essence());
        }
        world.nodes.iter().for_each(simnode::SimNode::clear_requests);
    }
}

#[tokio::test]
async fn a_silent_node_is_answered_for() {
    let world = World::start_with(1, &[("NODE_REQUEST_TIMEOUT", "0.5"), ("NODE_DOWN_AFTER", "1000")]).await;
    let node = &world.nodes[0];
    for id in ["empty", "full"] {
        world.foo.create(id).await;
    }
    node.set_attendees("full", 1);
    eventually("a poll has seen them", || async {
        let list = world.foo.get("getMeetings", &[]).await;
        (list.texts("participantCount") == ["0", "1"] || list.texts("participantCount") == ["1", "0"])
            .then_some(())
    })
    .await;
    let silent = async |fault: &str| {
        for (form, via) in STYLES {
            let foo = world.foo.by(form);
            for (id, running) in [("empty", "false"), ("full", "true")] {
                let answer = foo.call(via, "isMeetingRunning", &[("meetingID", id)]).await;
                assert!(answer.ok() && answer.header("content-type") == Some(XML), "{fault}: {answer:?}");
                assert_eq!(answer.text("running").as_deref(), Some(running), "{fault} {id} {form:?} {via:?}");
            }
        }
    };
    node.fail(Fault::Http500, Scope::call("isMeetingRunning"));
    silent("500").await;
    node.heal();
    node.refuse().await;
    silent("refused").await;
    let mut texts = Vec::new();
    for name in PASSED_THROUGH {
        let answer = call(&world.foo, Via::Get, name, &[("meetingID", "full"), MESSAGE]).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(XML)), "{name}");
        assert_eq!(
            (answer.returncode().as_str(), answer.key().as_str()),
            ("FAILED", "internalError"),
            "{name}"
        );
        texts.push(answer.text("message").unwrap_or_default());
    }
    texts.dedup();
    assert!(texts.len() == 1 && !texts[0].contains("127.0.0.1") && !texts[0].contains("n1"), "{texts:?}");
}

#[tokio::test]
async fn unknown_meetings_are_not_found_without_asking_a_node() {
    let world = World::start(1).await;
    for (form, via) in STYLES {
        for name in PASSED_THROUGH {
            let answer = call(&world.foo.by(form), via, name, &[("meetingID", "nowhere"), MESSAGE]).await;
            let case = format!("{name} {form:?} {via:?}: {answer:?}");
            assert_eq!((answer.status, answer.returncode().as_str()), (200, "FAILED"), "{case}");
            // Each in BBB's words.
            let (key, message) = match name {
                "sendChatMessage" => ("meetingNotFound", "Meeting not found"),
                _ => ("notFound", "A meeting with that ID does not exist"),
            };
            assert_eq!((answer.key().as_str(), answer.header("content-type")), (key, Some(XML)), "{case}");
            assert_eq!(answer.text("message").as_deref(), Some(message), "{case}");
            assert!(world.asked(name).is_empty(), "{case}");
        }
    }
}

#[tokio::test]
async fn white_space_around_ids_does_not_count() {
    let world = World::start(1).await;
    let node = &world.nodes[0];
    let created = world.foo.create("  room\t\n").await;
    assert_eq!(created.text("meetingID").as_deref(), Some("room"));
    assert!(world.foo.create(" room").await.key() == "duplicateWarning", "the same meeting");
    assert_eq!(world.hosts_of("room"), [1]);
    let padded = |name| [("meetingID", "\n room  "), MESSAGE, ("fullName", name), ("role", "VIEWER")];

    let joined = world.foo.get("join", &padded("Ada")).await.location();
    let internal = node.meeting("room").expect("it lives").internal_id;
    assert!(joined.contains(&format!("meetingID={internal}&")), "{joined}");
    let joined = world.foo.get("join", &[&padded("Bob")[..], &[("redirect", "false")]].concat()).await;
    assert!(joined.ok(), "{joined:?}");
    for (form, via) in STYLES {
        let foo = world.foo.by(form);
        let running = foo.call(via, "isMeetingRunning", &padded("")).await;
        assert_eq!(running.text("running").as_deref(), Some("true"), "{form:?} {via:?}");
        for name in PASSED_THROUGH.into_iter().filter(|it| *it != "end" && *it != "setConfigXML") {
            assert!(call(&foo, via, name, &padded("")).await.ok(), "{name} {form:?} {via:?}");
        }
    }
    assert!(world.foo.get("end", &padded("")).await.ok());
    assert!(node.meeting("room").is_none());
}

#[tokio::test]
async fn a_meeting_id_is_needed() {
    let world = World::start(1).await;
    let (name, none) = (("name", "A room"), ("x", "y"));
    let missing = [
        &[name, none][..],
        &[name, ("meetingID", "")],
        &[name, ("meetingID", " \t\n")],
        &[name, ("meetingid", "room"), ("MEETINGID", "room"), ("meetingID ", "room")],
    ];
    for params in missing {
        for (form, via) in STYLES {
            let foo = world.foo.by(form);
            let needing = ["create", "isMeetingRunning"].into_iter().chain(PASSED_THROUGH);
            for name in needing.chain(["join"].into_iter().filter(|_| via == Via::Get)) {
                let answer = foo.call(via, name, params).await;
                let case = format!("{name} {form:?} {via:?} {params:?}: {answer:?}");
                assert_eq!((answer.status, answer.key().as_str()), (200, "missingParamMeetingID"), "{case}");
                assert_eq!(
                    (answer.returncode().as_str(), answer.header("content-type")),
                    ("FAILED", Some(XML)),
                    "{case}"
                );
            }
        }
    }
}
