//! The daemon dies, stops, starts again, or does not start.

use std::collections::BTreeMap;
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use harness::daemon::free_port;
use harness::eventually::PATIENCE;
use harness::{Client, World, eventually};
use parking_lot::Mutex;
use rand::RngExt;
use rusqlite::Connection;
use simnode::{Fault, Scope};

use crate::support::{
    asked, callbacks, create, create_with_callback, is_listed, joined_node, listed, phases, ping, pings,
    polls_stop, settled,
};

const ROUNDS: usize = 20;
const CLIENTS: usize = 6;

/// What clients were told: the internal id of each meeting, none where no answer came.
type Told = Arc<Mutex<BTreeMap<String, Option<String>>>>;

/// Creates one meeting after the other until the daemon answers no more.
async fn storm(client: Client, name: String, told: Told) {
    for n in 0.. {
        let id = format!("{name}-{n}");
        told.lock().insert(id.clone(), None);
        let url = client.signed_url("create", &[("meetingID", &id), ("name", "A meeting")]);
        let Ok(answer) = client.try_send(client.request("GET", &url)).await else { return };
        assert!(answer.ok(), "{id}: {answer:?}");
        told.lock().insert(id, answer.text("internalMeetingID"));
    }
}

fn successes(told: &Told) -> usize {
    told.lock().values().flatten().count()
}

/// The node that a meeting is on, and which life of it, as the nodes themselves say.
fn lives(world: &World, id: &str) -> Vec<String> {
    world.nodes.iter().filter_map(|node| node.meeting(id)).map(|it| it.internal_id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_survives_kill_9() {
    let mut world = World::start_with(3, &[("LOG", "info")]).await;
    // So that the daemon also dies while a node is at work.
    world.nodes[0].fail(Fault::Late(Duration::from_millis(10)), Scope::call("create"));
    let told = Told::default();
    for round in 0..ROUNDS {
        let before = told.lock().clone();
        // And with an answer that never comes.
        world.nodes[1].heal();
        world.nodes[1].fail(Fault::HandleThenHang, Scope::call("create").times(1));
        let storms: Vec<_> = (0..CLIENTS)
            .map(|n| tokio::spawn(storm(world.foo.clone(), format!("r{round}-c{n}"), told.clone())))
            .collect();
        let enough = successes(&told) + rand::rng().random_range(1..12);
        eventually("the first successes", || async { (successes(&told) >= enough).then_some(()) }).await;
        // Anywhere within a create.
        tokio::time::sleep(Duration::from_micros(rand::rng().random_range(0..5_000))).await;
        world.daemon.kill().await;
        for storm in join_all(storms).await {
            storm.expect("every answer was a success");
        }
        world.daemon.start_again().await;

        let now = told.lock().clone();
        let list = listed(&world.foo).await;
        for (id, life) in now.iter().filter(|(id, _)| !before.contains_key(*id)) {
            let Some(life) = life else { continue };
            assert!(list.contains(id), "round {round}: {id} is listed by the first answer after the start");
            let host = joined_node(&world.foo, id).await.expect("joins work");
            let found = world.nodes[host - 1].meeting(id).map(|it| it.internal_id);
            assert_eq!(found.as_ref(), Some(life), "round {round}: {id} is where the client was told");
        }
    }

    let told = told.lock().clone();
    let (silent, sure): (Vec<_>, Vec<_>) = told.iter().partition(|(_, life)| life.is_none());
    assert!(sure.len() >= ROUNDS && !silent.is_empty(), "{} told, {} not", sure.len(), silent.len());
    for (id, _) in &silent {
        let repeated = create(&world.foo, id).await;
        assert!(repeated.ok(), "the repeat of {id}: {repeated:?}");
        settled(&world, id).await;
        assert_eq!(lives(&world, id), [repeated.text("internalMeetingID").unwrap()], "{id} is there once");
    }
    for (id, life) in &sure {
        assert_eq!(lives(&world, id), [(*life).clone().unwrap()], "{id} is there once, in its first life");
    }
    eventually("the list is that of all", || async {
        listed(&world.foo).await.iter().eq(told.keys()).then_some(())
    })
    .await;
    let on_nodes: usize = world.nodes.iter().map(simnode::SimNode::meeting_count).sum();
    assert_eq!(on_nodes, told.len(), "nothing else is on the nodes");
    let admin = world.admin().await;
    let views = admin
        .meeting_list(harness::world::soon(), rpc::MeetingFilter::default(), rpc::Page::default())
        .await
        .unwrap();
    assert_eq!(views.unwrap().rows.len(), told.len(), "nothing twice");
}

/// What was begun on a node when the daemon died is found there, by the client's repeat or by a poll.
#[tokio::test]
async fn a_create_that_the_daemon_did_not_survive_is_found_again() {
    for repeat in [false, true] {
        let mut world = World::start(3).await;
        for node in &world.nodes {
            node.fail(Fault::HandleThenHang, Scope::call("create"));
        }
        let unanswered = tokio::spawn({
            let foo = world.foo.clone();
            let url = foo.signed_url("create", &[("meetingID", "room"), ("name", "A meeting")]);
            async move { foo.try_send(foo.request("GET", &url)).await.is_err() }
        });
        eventually("the meeting is on a node", || async {
            (!world.hosts_of("room").is_empty()).then_some(())
        })
        .await;
        let (life, host) = (lives(&world, "room"), world.hosts_of("room"));
        world.daemon.kill().await;
        assert!(unanswered.await.unwrap(), "the client hears nothing");
        assert_eq!(phases(&world, "room"), ["creating"], "bound before the node was asked");
        for node in &world.nodes {
            node.heal();
        }
        world.daemon.start_again().await;
        if repeat {
            let repeated = create(&world.foo, "room").await;
            assert!(repeated.ok(), "{repeated:?}");
            assert_eq!(repeated.text("internalMeetingID").as_ref(), life.first());
        }
        is_listed(&world.foo, "room", true).await;
        assert_eq!([settled(&world, "room").await], *host);
        assert_eq!((lives(&world, "room"), phases(&world, "room")), (life, vec!["live".to_owned()]));
    }
}

/// The node has made the meeting although the daemon gave it up; then the daemon dies.
#[tokio::test]
async fn an_orphan_is_remembered_over_kill_9() {
    let mut world = World::start(2).await;
    polls_stop(&mut world, true).await;
    let first = &world.nodes[0];
    first.fail(Fault::HandleThenHang, Scope::call("create"));
    // The poll that decides on the node must not find the orphan yet.
    first.fail(Fault::Http500, Scope::call("getMeetings"));
    assert!(create_with_callback(&world.foo, "room", "http://192.0.2.1/ended").await.ok());
    assert_eq!((world.hosts_of("room"), joined_node(&world.foo, "room").await), (vec![1, 2], Some(2)));
    world.daemon.kill().await;
    assert_eq!(phases(&world, "room"), ["abandoned", "live"]);
    first.heal();
    world.daemon.start_again().await;
    asked(&world.nodes[0], "end", "room").await;
    assert_eq!(settled(&world, "room").await, 2);
    is_listed(&world.foo, "room", true).await;
    assert_eq!(callbacks(&world), Vec::<String>::new(), "the client's meeting has not ended");
}

#[tokio::test]
async fn sigterm_lets_creates_finish_and_a_restart_keeps_everything() {
    let mut world = World::start(2).await;
    assert!(create_with_callback(&world.foo, "ended", "http://192.0.2.1/ended").await.ok());
    let before = world.foo.create("before").await;
    let ended_on = settled(&world, "ended").await;
    assert!(world.nodes[ended_on - 1].end_meeting("ended"));
    is_listed(&world.foo, "ended", false).await;
    for node in &world.nodes {
        node.fail(Fault::Late(Duration::from_secs(1)), Scope::call("create"));
    }
    let creates: Vec<_> = (0..4)
        .map(|n| {
            let foo = world.foo.clone();
            tokio::spawn(async move { create(&foo, &format!("during-{n}")).await })
        })
        .collect();
    eventually("the nodes are at work", || async {
        let asked: usize = world.nodes.iter().map(|it| it.count("create")).sum();
        (asked >= 6).then_some(())
    })
    .await;
    assert_eq!(world.daemon.terminate().await, Some(0));
    for created in join_all(creates).await {
        let created = created.unwrap();
        assert!(created.ok() && created.key().is_empty(), "{created:?}");
    }
    assert!(!world.daemon.socket().exists(), "the admin socket goes with the daemon");
    let wal = world.folder().join("b3lb.db-wal");
    assert_eq!(std::fs::metadata(wal).map_or(0, |it| it.len()), 0, "all is folded into the one file");

    world.daemon.start_again().await;
    let expected: std::collections::BTreeSet<_> =
        (0..4).map(|n| format!("during-{n}")).chain(["before".to_owned()]).collect();
    assert_eq!(listed(&world.foo).await, expected);
    for id in &expected {
        settled(&world, id).await;
    }
    for node in &world.nodes {
        node.heal();
    }
    let repeated = create(&world.foo, "before").await;
    assert_eq!(repeated.text("createTime"), before.text("createTime"));
    assert_eq!(callbacks(&world), ["http://192.0.2.1/ended"], "what is to be delivered is kept");
    pings(&world, true).await;
}

/// A silent node must not keep clients waiting for long, and its meetings stay bound.
#[tokio::test]
async fn a_start_waits_for_silent_nodes_no_longer_than_their_timeout() {
    let mut world = World::start(2).await;
    world.foo.create("one").await;
    world.foo.create("two").await;
    let silent = settled(&world, "one").await;
    world.nodes[silent - 1].fail(Fault::Hang, Scope::all());
    world.daemon.kill().await;
    world.daemon.start_again().await;
    assert!(!ping(&world).await, "not ready before every node was asked");
    assert_eq!(joined_node(&world.foo, "one").await, Some(silent), "joins need no poll");
    is_listed(&world.foo, "two", true).await;
    pings(&world, true).await;
    assert!(create(&world.foo, "three").await.ok());
    assert_ne!(settled(&world, "three").await, silent);
    world.nodes[silent - 1].heal();
    is_listed(&world.foo, "one", true).await;
}

/// Starts a daemon that is to fail; how it ended.
async fn failing_start(world: &World, settings: &[(&str, &str)], args: &[&str]) -> Output {
    let mut command = world.daemon.command();
    for (name, value) in settings {
        command.env(format!("B3LB_{name}"), value);
    }
    let output = command.args(args).kill_on_drop(true).output();
    tokio::time::timeout(PATIENCE, output).await.expect("it ends by itself").expect("it starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_second_daemon_is_kept_off_what_the_first_uses() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    let listen = format!("127.0.0.1:{}", free_port());
    let (other_db, other_socket) = (world.folder().join("other.db"), world.folder().join("other.sock"));
    let (other_db, other_socket) = (other_db.to_str().unwrap(), other_socket.to_str().unwrap());
    let database = world.daemon.database().display().to_string();
    let socket = world.daemon.socket().display().to_string();
    let address = world.daemon.address().to_string();
    let cases = [
        (
            vec![("LISTEN", listen.as_str()), ("ADMIN_SOCKET", other_socket)],
            format!("the database {database} is in use by another b3lbd"),
        ),
        (
            vec![("LISTEN", &listen), ("DATABASE", other_db)],
            format!("another b3lbd listens at the admin socket {socket}"),
        ),
        (
            vec![("DATABASE", other_db), ("ADMIN_SOCKET", other_socket)],
            format!("B3LB_LISTEN={address} cannot be bound"),
        ),
    ];
    for (settings, expected) in cases {
        let output = failing_start(&world, &settings, &[]).await;
        assert_eq!(output.status.code(), Some(1), "{expected}: {output:?}");
        assert!(said(&output).contains(&expected), "{expected}: {}", said(&output));
        assert!(!world.folder().join("other.sock").exists(), "{expected}: it leaves no socket");
        assert!(ping(&world).await, "{expected}: the first works on");
        assert_eq!(world.daemon.cli(&["node", "list"]).await.status.code(), Some(0), "{expected}");
    }
    assert_eq!(listed(&world.foo).await.len(), 1);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_as_it_is() {
    let mut world = World::start(1).await;
    world.foo.create("room").await;
    assert_eq!(world.daemon.terminate().await, Some(0));
    let copy = world.folder().join("newer.db");
    std::fs::copy(world.daemon.database(), &copy).unwrap();
    Connection::open(&copy).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let before = std::fs::read(&copy).unwrap();
    let name = copy.display().to_string();
    let output = failing_start(&world, &[("DATABASE", &name)], &[]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    for words in [name.as_str(), "schema 999", "newer version"] {
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
    }
    assert_eq!(std::fs::read(&copy).unwrap(), before, "not a byte is changed");
    world.daemon.start_again().await;
    assert_eq!(listed(&world.foo).await.len(), 1, "the right one is still good");
}

#[tokio::test]
async fn what_is_no_database_is_refused_and_left_as_it_is() {
    let world = World::start(0).await;
    let precious = world.folder().join("precious.txt");
    std::fs::write(&precious, "not a database, but precious\n".repeat(100)).unwrap();
    let output = failing_start(&world, &[("DATABASE", precious.to_str().unwrap())], &[]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(said(&output).contains("precious.txt is not an SQLite database"), "{}", said(&output));
    assert!(std::fs::read_to_string(&precious).unwrap().starts_with("not a database, but precious\n"));
    let output = failing_start(&world, &[("DATABASE", "/nowhere/b3lb.db")], &[]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(said(&output).contains("/nowhere/b3lb.db"), "{}", said(&output));
}

#[tokio::test]
async fn wrong_settings_stop_the_start_with_name_value_and_rule() {
    let world = World::start(0).await;
    for (name, value, rule) in [
        ("API_BASE_DOMAIN", "https://b3lb.test/", "must be a host name"),
        ("LISTEN", "localhost", "must be an IP address and a port"),
        ("PUBLIC_URL", "ftp://b3lb.test", "must be a URL that begins with https:// or http://"),
        ("NODE_PROTOCOL", "gopher://", "must be https:// or http://"),
        ("NODE_DEFAULT_DOMAIN", "a..b", "must be a host name"),
        ("NODE_BBB_ENDPOINT", "a?b", "must be a path"),
        ("NODE_LOAD_ENDPOINT", "a b", "must be a path"),
        ("NODE_REQUEST_TIMEOUT", "0", "must be a number of seconds above 0"),
        ("NODE_CREATE_TIMEOUT", "0", "must be a number of seconds above 0"),
        ("NODE_CA_FILE", "/nowhere/ca.pem", "must be a file that b3lbd can read"),
        ("NODE_CA_FILE", "/etc/passwd", "must hold certificates in PEM form"),
        ("POLL_INTERVAL", "often", "must be a number of seconds above 0"),
        ("NODE_DOWN_AFTER", "0", "must be a number of polls from 1"),
        ("NODE_UP_AFTER", "-1", "must be a number of polls from 1"),
        ("NODE_OUTAGE_GRACE", "-1", "must be a number of seconds from 0"),
        ("MAX_BODY", "12", "must be a number of bytes"),
        ("MAX_FORM", "1 MB", "must be a number of bytes"),
        ("BODY_BUDGET", "0", "must be a number of bytes"),
        ("MAX_CONNECTIONS", "0", "must be a number of connections from 10"),
        ("ALLOWED_SHA_ALGORITHMS", "md5", "must be a list of sha1"),
        ("TRUSTED_PROXIES", "10.0.0.0/99", "must be a list of networks"),
        ("LOG", "b3lbd=loud", "must be a level"),
        ("LOG_FORMAT", "xml", "must be text or json"),
    ] {
        let variable = format!("B3LB_{name}");
        let flag = format!("--{}={value}", name.to_lowercase().replace('_', "-"));
        for (settings, args) in [
            (vec![(name, value)], vec![]),
            (vec![], vec![flag.as_str()]),
            (vec![(name, value)], vec!["--check"]),
        ] {
            let output = failing_start(&world, &settings, &args).await;
            let (case, said) = (format!("{settings:?} {args:?}"), said(&output));
            assert_eq!(output.status.code(), Some(2), "{case}: {said}");
            for words in [&variable, &format!("{value:?}"), rule] {
                assert!(said.contains(words), "{case}: {words} is missing in {said}");
            }
            assert_eq!(said.lines().count(), 1, "{case}: {said}");
        }
    }
    assert!(ping(&world).await, "nobody has disturbed the one that runs");
}

#[tokio::test]
async fn check_prints_the_settings_and_starts_nothing() {
    let world = World::start(0).await;
    let settings = [("LOGG", "info"), ("POLL_INTERVAL", "7.5"), ("DATABASE", "/nowhere/b3lb.db")];
    let output = failing_start(&world, &settings, &["--check", "--node-down-after", "9"]).await;
    assert_eq!(output.status.code(), Some(0), "it looks at settings only: {output:?}");
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    for line in [
        "B3LB_API_BASE_DOMAIN=b3lb.test  # environment",
        "B3LB_POLL_INTERVAL=7.5  # environment",
        "B3LB_NODE_DOWN_AFTER=9  # flag",
        "B3LB_NODE_UP_AFTER=2  # default",
        "# B3LB_NODE_DEFAULT_DOMAIN is not set",
    ] {
        assert!(printed.lines().any(|it| it == line), "{line} is missing in\n{printed}");
    }
    assert!(said(&output).contains("B3LB_LOGG"), "a name without meaning is warned of: {}", said(&output));
    // What it prints can be used as an env file.
    let file = world.folder().join("b3lb.env");
    std::fs::write(&file, &printed).unwrap();
    let mut command = world.daemon.command();
    let again = command.env_clear().env("B3LB_ENV_FILE", &file).arg("--check").output().await.unwrap();
    let again = String::from_utf8(again.stdout).unwrap();
    let values = |text: &str| {
        text.lines().map(|line| line.split("  #").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(values(&again), values(&printed));

    let mut missing = world.daemon.command();
    let output = missing.env_remove("B3LB_API_BASE_DOMAIN").output().await.unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(said(&output).contains("B3LB_API_BASE_DOMAIN is required"), "{}", said(&output));
}
