//! One client or one node harms nobody else: findings 8 to 16.

use std::time::{Duration, Instant};

use futures::future::join_all;
use harness::{Client, Receiver, Reply, StrictXml, World, eventually, raw, raw_request, world::soon};
use rpc::NodeState;
use simnode::{Fault, IllFormed, Options, Scope};

use crate::support::{callbacks, is_listed, ping, polled_again, query};

/// Names after `userdata-` that are no XML names.
const BAD_NAMES: [&str; 9] = ["show chat", "a/", "!", "2fa", "a&b", "", "a>b", "!--", "x:y"];

/// A list that a strict parser takes.
async fn strict_list(parser: &mut StrictXml, client: &Client) -> Vec<String> {
    let list = client.get("getMeetings", &[]).await;
    assert_eq!(parser.check(list.body.as_bytes()), Ok(()), "{list:?}");
    list.texts("meetingID")
}

#[tokio::test]
async fn finding_8_no_join_makes_a_list_unreadable() {
    let world = World::start(1).await;
    let node = &world.nodes[0];
    let bar = world.add_tenant("BAR").await;
    world.foo.create("room").await;
    bar.create("other").await;
    for bad in BAD_NAMES {
        let name = format!("userdata-{bad}");
        let params = [
            ("meetingID", "room"),
            ("fullName", "Ada"),
            ("role", "VIEWER"),
            (&name, "yes"),
            ("userdata-ok", "1"),
        ];
        let joined = world.foo.get("join", &params).await;
        assert_eq!(joined.status, 302, "{bad}: {joined:?}");
        assert!(!joined.location().contains(&harness::client::encode(&[(&name, "yes")])), "{joined:?}");
        let location = joined.location();
        let (_, query) = location.split_once('?').unwrap();
        assert_eq!(World::without_b3lb(node).get_raw("join", query).await.status, 302);
    }
    polled_again(node).await;
    let mut parser = StrictXml::start();
    assert_eq!(strict_list(&mut parser, &world.foo).await, ["room"]);
    assert_eq!(strict_list(&mut parser, &bar).await, ["other"]);
    assert_eq!(world.node_view(1).await.state, NodeState::Up);
    let info = world.foo.get("getMeetingInfo", &[("meetingID", "room")]).await;
    assert_eq!(info.texts("ok").len(), BAD_NAMES.len(), "what can be written is: {info:?}");
    let metrics =
        world.foo.send(world.foo.request("GET", &format!("http://{}/b3lb/metrics", world.foo.address))).await;
    assert!(metrics.body.contains(&format!("b3lb_user_data_dropped_total {}", BAD_NAMES.len())), "counted");

    for bad in BAD_NAMES {
        let name = format!("userdata-{bad}");
        let ruled = world.daemon.cli(&["param", "set", "FOO", &name, "x"]).await;
        assert!(!ruled.status.success(), "a rule for {name}");
    }
}

#[tokio::test]
async fn finding_8_a_meeting_that_is_no_xml_takes_no_other_with_it() {
    let world = World::start_with(1, &[("POLL_INTERVAL", "0.2")]).await;
    let node = &world.nodes[0];
    let bar = world.add_tenant("BAR").await;
    world.foo.create("room").await;
    bar.create("other").await;
    // Somebody comes in who does not come through us.
    let poisoned =
        [("meetingID", "room"), ("fullName", "Ada"), ("role", "VIEWER"), ("userdata-show chat", "yes")];
    assert_eq!(World::without_b3lb(node).get("join", &poisoned).await.status, 302);
    node.set_attendees("other", 3);
    eventually("the other meeting is seen", || async {
        let list = bar.get("getMeetings", &[]).await;
        (list.text("participantCount").as_deref() == Some("3")).then_some(())
    })
    .await;
    let mut parser = StrictXml::start();
    strict_list(&mut parser, &world.foo).await;
    assert_eq!(strict_list(&mut parser, &bar).await, ["other"]);
    assert_eq!(world.node_view(1).await.state, NodeState::Up, "the node is well");
    for id in ["new-1", "new-2"] {
        bar.create(id).await;
    }
    // It is not taken for ended, and can be joined.
    polled_again(node).await;
    let join = [("meetingID", "room"), ("fullName", "Bob"), ("role", "VIEWER")];
    assert_eq!(world.foo.get("join", &join).await.status, 302);
    let told = |log: &str| log.contains("meetings of its list cannot be read");
    eventually("the operator is told", || async { told(&world.daemon.log()).then_some(()) }).await;
    node.end_meeting("room");
    is_listed(&world.foo, "room", false).await;
}

#[tokio::test]
async fn finding_9_lists_are_well_formed_whatever_nodes_say() {
    let world = World::start_with(2, &[("POLL_INTERVAL", "0.2")]).await;
    let mut parser = StrictXml::start();
    for n in 0..6 {
        world.foo.create(&format!("room-{n}")).await;
    }
    let faults =
        IllFormed::ALL.map(Fault::IllFormed).into_iter().chain([Fault::ByteOrderMark, Fault::BrokenXml]);
    for fault in faults {
        for node in &world.nodes {
            node.fail(fault.clone(), Scope::call("getMeetings"));
        }
        for node in &world.nodes {
            polled_again(node).await;
        }
        assert_eq!(strict_list(&mut parser, &world.foo).await.len(), 6, "{fault:?}: none has ended");
        world.foo.create("one-more").await;
        assert_eq!(strict_list(&mut parser, &world.foo).await.len(), 7, "{fault:?}");
        world.nodes.iter().for_each(simnode::SimNode::heal);
        let host = world.host_of("one-more");
        host.end_meeting("one-more");
        is_listed(&world.foo, "one-more", false).await;
    }
}

#[tokio::test]
async fn finding_12_what_is_kept_has_a_size() {
    let world = World::start(1).await;
    let url = format!("http://lms.example/{}", "x".repeat(8 * 1024));
    for name in ["meetingEndedURL", "meta_analytics-callback-url", "META_Analytics-Callback-URL"] {
        let params = [("meetingID", "room"), ("name", "A meeting"), (name, url.as_str())];
        let answer = world.foo.post_form("create", &params).await;
        assert_eq!(
            (answer.returncode().as_str(), answer.key().as_str()),
            ("FAILED", "validationError"),
            "{name}"
        );
    }
    assert_eq!(world.nodes[0].meeting_count(), 0);
    world.nodes[0].fail(Fault::Bulky(2_000_000), Scope::call("create").times(1));
    let created = world.foo.create("room").await;
    assert!(created.body.len() > 2_000_000, "the client gets it all");
    let stored = query(&world.daemon.database(), "SELECT CAST(length(answer) AS TEXT) FROM meeting");
    assert!(stored[0].parse::<usize>().unwrap() <= 64 * 1024, "{stored:?}");
    world.nodes[0].refuse().await;
    let again = world.foo.get("create", &[("meetingID", "room"), ("name", "A meeting")]).await;
    assert_eq!(again.text("internalMeetingID"), created.text("internalMeetingID"), "and it is of use");
}

#[tokio::test]
async fn finding_13_callbacks_of_one_tenant_hold_up_no_others() {
    let world = World::start_with(2, &[("CALLBACK_NETWORKS", "127.0.0.0/8")]).await;
    let bar = world.add_tenant("BAR").await;
    // Takes connections and says nothing.
    let hangs = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/ended", hangs.local_addr().unwrap());
    let end = async |client: &Client, id: String, url: &str| {
        let params = [("meetingID", id.as_str()), ("name", "A meeting"), ("meetingEndedURL", url)];
        assert!(client.get("create", &params).await.ok());
        world.nodes.iter().for_each(|node| _ = node.end_meeting(&id));
    };
    join_all((0..400).map(|n| end(&world.foo, format!("foo-{n}"), &url))).await;
    eventually("they are queued", || async { (callbacks(&world).len() >= 390).then_some(()) }).await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let began = Instant::now();
    end(&bar, "bar".to_owned(), &receiver.url("/of-bar")).await;
    end(&world.foo, "foo-last".to_owned(), &receiver.url("/of-foo")).await;
    eventually("both are called", || async { (receiver.calls().len() == 2).then_some(()) }).await;
    // A hanging call takes ten seconds; 400 of them, 256 at a time, would take twenty.
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[tokio::test]
async fn finding_15b_nobody_forges_lines_of_the_log() {
    let world =
        World::start_with(1, &[("POLL_INTERVAL", "0.2"), ("LOG_FORMAT", "text"), ("LOG", "debug")]).await;
    let forged = "x\n2026-01-01T00:00:00Z ERROR b3lbd: forged line\u{9b}2J";
    let node = &world.nodes[0];
    world.foo.create("room").await;
    for call in ["getMeetings", "create", "end"] {
        node.fail(Fault::Refusal(forged.to_owned(), forged.to_owned()), Scope::call(call));
    }
    world.node_state(1, NodeState::Suspect).await;
    world.foo.get("create", &[("meetingID", "other"), ("name", forged)]).await;
    let log = world.daemon.log();
    assert!(log.contains("forged line"), "it is told");
    assert!(!log.lines().any(|line| line.starts_with("2026-01-01T00:00:00Z ERROR")), "{log}");
    assert!(!log.contains('\u{9b}'));
    let error = world.node_view(1).await.last_poll_error.unwrap();
    assert!(!error.contains(char::is_control) && error.len() < 400, "{error}");
}

#[tokio::test]
async fn finding_15b_refused_ends_cause_no_polls() {
    let world = World::start_with(1, &[("POLL_INTERVAL", "600")]).await;
    let node = &world.nodes[0];
    world.foo.create("room").await;
    node.fail(Fault::Refusal("permissionDenied".to_owned(), "No".to_owned()), Scope::call("end"));
    let polls = node.count("getMeetings");
    for _ in 0..20 {
        let answer = world.foo.get("end", &[("meetingID", "room"), ("password", "x")]).await;
        assert_eq!(answer.key(), "permissionDenied");
    }
    // One may come for the create.
    assert!(node.count("getMeetings") <= polls + 1, "{}", node.count("getMeetings"));
}

#[tokio::test]
async fn finding_16_absurd_deadlines_and_numbers_do_no_harm() {
    let world = World::start_with(2, &[("POLL_INTERVAL", "0.2")]).await;
    for seconds in [10_000_000_000_u64, u64::MAX / 2] {
        let admin = world.admin().await;
        let mut context = soon();
        context.deadline = std::time::Instant::now()
            .checked_add(Duration::from_secs(seconds))
            .unwrap_or_else(|| std::time::Instant::now() + Duration::from_secs(4_000_000_000));
        assert!(admin.status(context).await.is_err(), "{seconds} s");
    }
    for (n, node) in world.nodes.iter().enumerate() {
        for m in 0..3 {
            let id = format!("room-{n}-{m}");
            node.insert_meeting(&id, "of a stranger");
            node.claim(&id, Some(simnode::Counts { participants: u32::MAX.into(), ..Default::default() }));
        }
    }
    for node in &world.nodes {
        polled_again(node).await;
    }
    let url = format!("http://{}/b3lb/stats", world.daemon.address());
    let stats = world.foo.send(world.foo.request("GET", &url)).await;
    assert_eq!(stats.status, 200);
    let stats: serde_json::Value = serde_json::from_str(&stats.body).unwrap();
    assert!(
        stats["clusters"]["c"]["attendees"].as_u64().unwrap() < 1_000_000,
        "what nobody believes: {stats}"
    );
    assert!(ping(&world).await && !world.daemon.log().contains("panicked"), "{}", world.daemon.log());
}

#[tokio::test]
async fn finding_16_the_past_goes_day_by_day() {
    let mut world = World::start(1).await;
    let before = lines_of(&world);
    assert!(before > 3);
    world.daemon.kill().await;
    // As if the clock had jumped by 800 days, for lines of today and of the day after tomorrow.
    let db = rusqlite::Connection::open(world.daemon.database()).unwrap();
    let day = 24 * 3600 * 1000_i64;
    db.execute("UPDATE audit SET at = at - ?1", [800 * day]).unwrap();
    db.execute("UPDATE audit SET at = at + ?1 WHERE id > 2", [2 * day]).unwrap();
    drop(db);
    world.daemon.start_again().await;
    eventually("the oldest day is forgotten", || async { (lines_of(&world) <= before - 2).then_some(()) })
        .await;
    assert_eq!(lines_of(&world), before - 2, "and no more");
}

fn lines_of(world: &World) -> u32 {
    query(&world.daemon.database(), "SELECT CAST(count(*) AS TEXT) FROM audit")[0].parse().unwrap()
}

#[tokio::test]
async fn finding_16_the_figures_are_for_this_machine_only() {
    let world = World::start(0).await;
    let ask = async |head: &str, host: &str, more: &str| {
        let request = format!("GET /b3lb/stats {head}\r\nhost: {host}\r\nconnection: close\r\n{more}\r\n");
        raw(world.foo.address, request.as_bytes()).await.unwrap().status
    };
    for host in ["127.0.0.1:8000", "localhost", "[::1]:8000"] {
        assert_eq!(ask("HTTP/1.1", host, "").await, 200, "a Prometheus that asks {host}");
        assert_eq!(ask("HTTP/1.1", host, "x-forwarded-for: 192.0.2.1\r\n").await, 404);
        assert_eq!(ask("HTTP/1.0", host, "").await, 404, "a proxy that sets nothing");
    }
    for host in ["lms.example", "foo.example", "b3lb.test.example"] {
        assert_eq!(ask("HTTP/1.1", host, "").await, 404, "somebody behind a proxy, as {host}");
    }
}

#[tokio::test]
async fn finding_14_a_bomb_is_a_failed_poll() {
    let options = Options::default();
    let world = World::start_of(2, options, &[("POLL_INTERVAL", "0.2")]).await;
    world.foo.create("room").await;
    let (bad, good) = (&world.nodes[0], &world.nodes[1]);
    good.insert_meeting("other", "Other");
    bad.fail(Fault::GzipBomb(700_000), Scope::call("getMeetings"));
    world.node_state(1, NodeState::Down).await;
    let error = world.node_view(1).await.last_poll_error.unwrap();
    assert!(
        ["10000 meetings", "larger than", "not well-formed"].iter().any(|it| error.contains(it)),
        "{error}"
    );
    assert_eq!(world.node_view(2).await.state, NodeState::Up);
    let request = raw_request("GET", b"/b3lb/ping", &[("host", "x")], b"");
    assert!(raw(world.foo.address, &request).await.is_some());
}
