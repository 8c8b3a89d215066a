//! What the tests of robustness have in common: looking at a world, and bringing it into a certain state.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use futures::future::join_all;
use harness::eventually::PATIENCE;
use harness::{Algorithm, Answer, Client, World, eventually};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use simnode::{Request, SimNode};

/// A create that may be refused.
pub(crate) async fn create(client: &Client, id: &str) -> Answer {
    client.get("create", &[("meetingID", id), ("name", "A meeting")]).await
}

/// A create whose client wants to hear of the meeting's end.
pub(crate) async fn create_with_callback(client: &Client, id: &str, url: &str) -> Answer {
    client.get("create", &[("meetingID", id), ("name", "A meeting"), ("meetingEndedURL", url)]).await
}

/// A call about a meeting.
pub(crate) async fn about(client: &Client, call: &str, id: &str) -> Answer {
    client.get(call, &[("meetingID", id)]).await
}

/// The node (counted from 1) that a join leads to.
pub(crate) async fn joined_node(client: &Client, id: &str) -> Option<usize> {
    let answer = client.get("join", &[("meetingID", id), ("fullName", "Ada"), ("role", "MODERATOR")]).await;
    if answer.status != 302 {
        return None;
    }
    answer.location().strip_prefix("http://n")?.split('.').next()?.parse().ok()
}

/// The ids in `getMeetings`.
pub(crate) async fn listed(client: &Client) -> BTreeSet<String> {
    client.get("getMeetings", &[]).await.texts("meetingID").into_iter().collect()
}

/// Waits until `getMeetings` shows the meeting, or shows it no longer.
pub(crate) async fn is_listed(client: &Client, id: &str, there: bool) {
    eventually(&format!("{id} listed: {there}"), || async {
        (listed(client).await.contains(id) == there).then_some(())
    })
    .await;
}

/// Waits until a meeting of FOO is on one node only, the one that joins lead to; that node.
pub(crate) async fn settled(world: &World, id: &str) -> usize {
    eventually(&format!("{id} on just the node that joins lead to"), || async {
        let joined = joined_node(&world.foo, id).await?;
        (world.hosts_of(id) == [joined]).then_some(joined)
    })
    .await
}

/// A meeting on each node; the ids in order of the nodes.
pub(crate) async fn one_meeting_each(world: &World) -> Vec<String> {
    let ids: Vec<_> = (1..=world.nodes.len()).map(|n| format!("room-{n}")).collect();
    join_all(ids.iter().map(|id| world.foo.create(id))).await;
    let mut placed: Vec<_> = ids.into_iter().map(|id| (world.hosts_of(&id), id)).collect();
    placed.sort();
    let hosts: Vec<_> = placed.iter().flat_map(|(hosts, _)| hosts.clone()).collect();
    assert_eq!(hosts, (1..=world.nodes.len()).collect::<Vec<_>>(), "equal nodes get one meeting each");
    placed.into_iter().map(|(_, id)| id).collect()
}

/// Loads the nodes so that creates try them in their order, and then lets no poll come any more but those
/// that something triggers.
pub(crate) async fn polls_stop(world: &mut World, in_order: bool) {
    if in_order {
        for (n, node) in world.nodes.iter().enumerate() {
            node.preload("ballast", 40 * n, 0);
        }
    }
    world.daemon.set("POLL_INTERVAL", "3600");
    assert_eq!(world.daemon.terminate().await, Some(0));
    world.daemon.start_again().await;
    world.all_up().await;
}

/// Waits until a poll has shown that many meetings on a node.
pub(crate) async fn polled_meetings(world: &World, n: usize, count: u64) {
    eventually(&format!("{count} meetings on n{n}"), || async {
        (world.node_view(n).await.meetings == Some(count)).then_some(())
    })
    .await;
}

/// Waits until the node gets a call about a meeting.
pub(crate) async fn asked(node: &SimNode, call: &str, id: &str) {
    let found = node.wait_for(PATIENCE, |it| it.call == call && is_about(it, id)).await;
    assert!(found.is_some(), "no {call} of {id}");
}

/// Whether a request to a node is about a meeting, be it by its internal id.
pub(crate) fn is_about(request: &Request, id: &str) -> bool {
    let prefix = format!("{}-", Algorithm::Sha1.hex(id.as_bytes()));
    request.param("meetingID").is_some_and(|it| it == id || it.starts_with(&prefix))
}

/// Waits until a poll that begins from now on is over and booked.
pub(crate) async fn polled_again(node: &SimNode) {
    // The first to arrive may have begun before; the second is booked when the third comes.
    let seen = node.count("getMeetings");
    assert!(node.wait_until(PATIENCE, |it| it.count("getMeetings") >= seen + 3).await, "polls go on");
}

/// The URL that a node is to call at the end of a meeting.
pub(crate) fn ended_url(node: &SimNode, id: &str) -> String {
    let meeting = node.meeting(id).expect("the meeting is on the node");
    meeting.param("meetingEndedURL").expect("it was created by the daemon").to_owned()
}

/// Calls a URL as a node does.
pub(crate) async fn call(world: &World, url: &str) -> Answer {
    world.foo.send(world.foo.request("GET", url)).await
}

/// Whether `/b3lb/ping` says that all is well.
pub(crate) async fn ping(world: &World) -> bool {
    let answer = call(world, &format!("http://{}/b3lb/ping", world.daemon.address())).await;
    match (answer.status, answer.body.as_str()) {
        (200, "OK!") => true,
        (503, "Doh!") => false,
        other => panic!("ping: {other:?}"),
    }
}

/// Waits until `/b3lb/ping` says so.
pub(crate) async fn pings(world: &World, well: bool) {
    eventually(&format!("ping well: {well}"), || async { (ping(world).await == well).then_some(()) }).await;
}

/// The states a node went through, as logged after the first `skip` bytes of the log.
pub(crate) fn states(world: &World, n: usize, skip: usize) -> Vec<String> {
    let name = format!("n{n}.localhost:{}", world.nodes[n - 1].port());
    let log = world.daemon.log();
    let lines = log[skip..].lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter(|line| line["message"] == "node changed its state" && line["node"] == name.as_str())
        .filter_map(|line| line["state"].as_str().map(str::to_owned))
        .collect()
}

/// Waits until a node has gone through just these states after the first `skip` bytes of the log.
pub(crate) async fn goes_through(world: &World, n: usize, skip: usize, expected: &[&str]) {
    eventually(&format!("n{n} goes through {expected:?}"), || async {
        (states(world, n, skip) == expected).then_some(())
    })
    .await;
}

/// The first column of a query on the daemon's database.
pub(crate) fn query(database: &Path, sql: &str) -> Vec<String> {
    let db = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("it opens");
    db.busy_timeout(Duration::from_secs(5)).expect("it waits");
    let mut statement = db.prepare(sql).expect("the query is right");
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("it runs");
    rows.map(|row| row.expect("text")).collect()
}

/// The client callbacks that wait.
pub(crate) fn callbacks(world: &World) -> Vec<String> {
    query(&world.daemon.database(), "SELECT url FROM callback ORDER BY id")
}

/// Phases of the bindings of a meeting, oldest first.
pub(crate) fn phases(world: &World, id: &str) -> Vec<String> {
    let sql = format!("SELECT phase FROM meeting WHERE meeting_id = '{id}' ORDER BY id");
    query(&world.daemon.database(), &sql)
}
