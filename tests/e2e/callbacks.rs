//! A client's meetingEndedURL: called once, tried again, and never where it must not go.

use harness::{Receiver, Reply, World, eventually};
use rusqlite::Connection;

const LOOPBACK: (&str, &str) = ("CALLBACK_NETWORKS", "127.0.0.0/8");

async fn create_and_end(world: &World, id: &str, url: &str) {
    let params = [("meetingID", id), ("name", "A meeting"), ("meetingEndedURL", url)];
    assert!(world.foo.get("create", &params).await.ok(), "create {id}");
    let host = world.hosts_of(id)[0];
    assert!(world.nodes[host - 1].end_meeting(id), "{id} ends on its node");
}

/// Callbacks that wait: their tries so far.
fn waiting(world: &World) -> Vec<i64> {
    let db = Connection::open(world.daemon.database()).unwrap();
    let mut statement = db.prepare("SELECT tries FROM callback ORDER BY id").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

async fn settled(world: &World, tries: &[i64]) {
    eventually(&format!("callbacks that wait: {tries:?}"), || async {
        (waiting(world) == tries).then_some(())
    })
    .await;
}

/// Waits until the log has N lines with this text.
async fn logged(world: &World, text: &str, lines: usize) {
    let count = || world.daemon.log().lines().filter(|line| line.contains(text)).count();
    eventually(&format!("{lines} lines with {text}"), || async { (count() == lines).then_some(()) }).await;
}

#[tokio::test]
async fn it_is_called_unchanged_and_once() {
    let world = World::start_with(1, &[LOOPBACK]).await;
    let receiver = Receiver::start(Reply::Status(204)).await;
    let path = "/ended?room=7&x=%20%C3%A4&empty=";
    create_and_end(&world, "room", &receiver.url(path)).await;
    eventually("the call", || async { (!receiver.calls().is_empty()).then_some(()) }).await;
    settled(&world, &[]).await;
    // A second meeting makes sure that polls and callbacks have gone on meanwhile.
    create_and_end(&world, "other", &receiver.url("/other")).await;
    eventually("the other call", || async { receiver.calls().contains(&"/other".to_owned()).then_some(()) })
        .await;
    assert_eq!(receiver.calls(), [path, "/other"]);
}

/// After a crash a callback may come twice; its receiver can tell.
#[tokio::test]
async fn finding_7_a_repetition_has_the_same_delivery_id() {
    let mut world = World::start_with(1, &[LOOPBACK]).await;
    let receiver = Receiver::start(Reply::Status(500)).await;
    create_and_end(&world, "room", &receiver.url("/ended")).await;
    eventually("the first try", || async { (!receiver.calls().is_empty()).then_some(()) }).await;
    for _ in 0..2 {
        world.daemon.kill().await;
        // Ten minutes pass.
        let db = Connection::open(world.daemon.database()).unwrap();
        db.execute("UPDATE callback SET next_try = next_try - 600000", []).unwrap();
        drop(db);
        let calls = receiver.calls().len();
        world.daemon.start_again().await;
        eventually("another try", || async { (receiver.calls().len() > calls).then_some(()) }).await;
    }
    let deliveries = receiver.deliveries();
    assert!(deliveries.len() >= 3 && deliveries.iter().all(|it| *it == deliveries[0]), "{deliveries:?}");
    assert_eq!(deliveries[0].len(), 32, "128 random bits: {deliveries:?}");
    create_and_end(&world, "other", &receiver.url("/other")).await;
    eventually("the other call", || async { receiver.calls().contains(&"/other".to_owned()).then_some(()) })
        .await;
    assert_ne!(receiver.deliveries().last(), deliveries.first(), "each callback has its own");
}

#[tokio::test]
async fn a_clock_that_was_ahead_does_not_delay_it() {
    let mut world = World::start_with(1, &[LOOPBACK]).await;
    let port = harness::daemon::free_port();
    create_and_end(&world, "room", &format!("http://127.0.0.1:{port}/tried")).await;
    settled(&world, &[1]).await;
    world.daemon.kill().await;
    // It was tried at a time that comes in three hours only, and so was another one queued.
    let db = Connection::open(world.daemon.database()).unwrap();
    db.execute("UPDATE callback SET next_try = next_try + 10800000", []).unwrap();
    db.execute(
        "INSERT INTO callback (secret_id, url, host, delivery, tries, next_try, created_at)
         SELECT secret_id, replace(url, 'tried', 'new'), host, 'other', 0, next_try, created_at FROM callback",
        [],
    )
    .unwrap();
    drop(db);
    let receiver = Receiver::start_at(([127, 0, 0, 1], port).into(), Reply::Status(200)).await;
    world.daemon.start_again().await;
    settled(&world, &[]).await;
    let mut calls = receiver.calls();
    calls.sort();
    assert_eq!(calls, ["/new", "/tried"]);
}

#[tokio::test]
async fn it_survives_a_silent_receiver_and_a_restart() {
    let mut world = World::start_with(1, &[LOOPBACK]).await;
    let port = harness::daemon::free_port();
    create_and_end(&world, "room", &format!("http://127.0.0.1:{port}/ended")).await;
    settled(&world, &[1]).await;
    world.daemon.kill().await;
    // Ten minutes pass.
    let db = Connection::open(world.daemon.database()).unwrap();
    db.execute("UPDATE callback SET next_try = next_try - 600000", []).unwrap();
    drop(db);
    let receiver = Receiver::start_at(([127, 0, 0, 1], port).into(), Reply::Status(200)).await;
    world.daemon.start_again().await;
    settled(&world, &[]).await;
    assert_eq!(receiver.calls(), ["/ended"]);
}

#[tokio::test]
async fn five_tries_and_no_more() {
    let mut world = World::start_with(1, &[LOOPBACK]).await;
    let receiver = Receiver::start(Reply::Status(500)).await;
    create_and_end(&world, "room", &receiver.url("/ended")).await;
    for tries in 1..5 {
        settled(&world, &[i64::try_from(tries).unwrap()]).await;
        eventually("the call", || async { (receiver.calls().len() == tries).then_some(()) }).await;
        world.daemon.kill().await;
        let db = Connection::open(world.daemon.database()).unwrap();
        db.execute("UPDATE callback SET next_try = 0", []).unwrap();
        world.daemon.start_again().await;
    }
    settled(&world, &[]).await;
    assert_eq!(receiver.calls().len(), 5);
}

#[tokio::test]
async fn gone_is_gone_and_redirects_are_not_followed() {
    let world = World::start_with(1, &[LOOPBACK]).await;
    let target = Receiver::start(Reply::Status(200)).await;
    let gone = Receiver::start(Reply::Status(410)).await;
    let elsewhere = Receiver::start(Reply::Redirect(target.url("/stolen"))).await;
    let endless = Receiver::start(Reply::Endless).await;
    create_and_end(&world, "gone", &gone.url("/")).await;
    eventually("the call", || async { (gone.calls().len() == 1).then_some(()) }).await;
    settled(&world, &[]).await;
    create_and_end(&world, "elsewhere", &elsewhere.url("/")).await;
    create_and_end(&world, "endless", &endless.url("/")).await;
    logged(&world, "callback failed, tried again later", 2).await;
    settled(&world, &[1, 1]).await;
    assert_eq!((gone.calls().len(), target.calls().len()), (1, 0));
}

#[tokio::test]
async fn private_addresses_are_refused_by_default() {
    let world = World::start(1).await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    let port = receiver.url("").rsplit_once(':').unwrap().1.to_owned();
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "2130706433", "0x7f.1"] {
        create_and_end(&world, &format!("to {host}"), &format!("http://{host}:{port}/")).await;
    }
    settled(&world, &[1; 5]).await;
    create_and_end(&world, "file", "file:///etc/passwd").await;
    logged(&world, "B3LB_CALLBACK_NETWORKS", 5).await;
    logged(&world, "callback given up", 1).await;
    settled(&world, &[1; 5]).await;
    assert!(receiver.calls().is_empty());
}
