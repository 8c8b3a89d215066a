//! Two daemons with one store: the replica answers what it knows and passes on the rest, and becomes the primary. With
//! the real litestream (`tests/replicas/install`) and a folder as the store.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use b3lbd::primary::CallProof;
use b3lbd::role::{Claim, Epoch, LONGEST_STOP, Nonce, Owner, Takeover};
use harness::{Daemon, eventually};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::pair::{Pair, number, promote, signal, status};
use crate::replication::put_back;
use crate::support::{create, joined_node, listed};

#[tokio::test]
async fn a_client_meets_either_daemon_in_the_same_second() {
    let pair = Pair::start().await;
    let here = pair.world.foo.clone();
    let there = pair.other(&here);
    let rounds = number("B3LB_REPLICA_ROUNDS").unwrap_or(60);
    for n in 0..rounds {
        let (first, second) = if n % 2 == 0 { (&here, &there) } else { (&there, &here) };
        let id = format!("room {n}");
        assert!(create(first, &id).await.ok(), "{id}");
        assert!(joined_node(second, &id).await.is_some(), "{id}");
        let asked = [("meetingID", id.as_str())];
        assert!(second.get("isMeetingRunning", &asked).await.ok(), "{id}");
        assert!(second.get("getMeetingInfo", &asked).await.ok(), "{id}");
        assert!(first.get("getMeetings", &[]).await.ok());
        // Some go on.
        let ends = n % 3 == 0 || n >= 60;
        if ends {
            let end = second.get("end", &[("meetingID", &id), ("password", "mp")]).await;
            assert!(end.ok(), "{id}: {}", end.body);
        }
        assert_eq!(pair.world.hosts_of(&id).len(), usize::from(!ends), "{id}");
    }
    eprintln!("{rounds} meetings created by one daemon, and used and ended by the other");
    // One that ends and begins again is another one, for the next client of either daemon.
    for n in 0..20 {
        assert!(create(&there, "again").await.ok());
        let joined =
            there.get("join", &[("meetingID", "again"), ("fullName", "Ada"), ("role", "VIEWER")]).await;
        let internal_id = pair.world.host_of("again").meeting("again").unwrap().internal_id;
        assert!(joined.location().contains(&internal_id), "{n}: {} {internal_id}", joined.location());
        assert!(there.get("end", &[("meetingID", "again"), ("password", "mp")]).await.ok());
    }
    // A copy is about a second behind.
    for client in [&here, &there] {
        eventually("the lists agree", || async { (listed(client).await.len() == 40).then_some(()) }).await;
    }
    // Nobody is told what is not theirs, whoever answers.
    let bar = pair.world.add_tenant("BAR").await;
    let (bar_there, stranger) = (pair.other(&bar), pair.other(&bar.with_key("wrong")));
    assert!(joined_node(&bar_there, "room 1").await.is_none());
    assert_eq!(stranger.get("getMeetings", &[]).await.key(), "checksumError");
    assert!(create(&bar_there, "of bar").await.ok(), "a tenant that was just added");
}

#[tokio::test]
async fn tools_see_a_replica_and_change_things_through_it() {
    let pair = Pair::start().await;
    let told = pair.is_replica(&pair.other).await;
    assert_eq!(told["healthy"], true, "{told}");
    assert_eq!(told["replication"]["epoch"], 1);
    for line in [
        "cluster add more",
        "tenant set FOO --description x",
        "node maintenance n1 on",
        "node maintenance n1 off",
        "export --with-secrets",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let done = pair.other.cli(&words).await;
        assert!(done.status.success(), "{line}: {done:?}");
    }
    // The errors of the primary arrive, too.
    let twice = pair.other.cli(&["cluster", "add", "more"]).await;
    assert_eq!(twice.status.code(), Some(5), "{twice:?}");
    let audit = pair.world.daemon.cli(&["events", "--audit", "--json"]).await;
    let audit = String::from_utf8_lossy(&audit.stdout).into_owned();
    assert!(audit.contains("on ") && audit.contains("export"), "who did it, and on which machine: {audit}");
    let usage = pair.other.cli(&["usage"]).await;
    assert!(usage.status.success(), "it is read from the copy: {usage:?}");
    let unasked = pair.other.cli(&["promote"]).await;
    assert_eq!(unasked.status.code(), Some(2), "it needs --yes where nobody can be asked: {unasked:?}");
    // What is changed on the primary arrives.
    let changed = pair.world.daemon.cli(&["cluster", "add", "later"]).await;
    assert!(changed.status.success(), "{changed:?}");
    eventually("the change", || async {
        let shown = pair.other.cli(&["cluster", "list", "--json"]).await;
        String::from_utf8_lossy(&shown.stdout).contains("later").then_some(())
    })
    .await;
    // Without the primary nothing is changed, and the operator is told what to do.
    let mut pair = pair;
    pair.world.daemon.kill().await;
    eventually("the refusal", || async {
        let refused = pair.other.cli(&["cluster", "add", "never"]).await;
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        (refused.status.code() == Some(1) && error.contains("does not answer") && error.contains("promote"))
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_call_of_a_tool_is_passed_on_by_a_daemon_of_the_store_only_and_once() {
    let pair = Pair::start().await;
    let claim = std::fs::read(pair.folder.path().join("store/claims/1")).unwrap();
    let claim: Value = serde_json::from_slice(&claim).unwrap();
    let nonce = u128::from_str_radix(claim["nonce"].as_str().unwrap(), 16).unwrap();
    let of = |nonce| Claim {
        epoch: Epoch::FIRST,
        owner: Owner(1),
        nonce: Nonce(nonce),
        takeover: Takeover::First,
    };
    let call = |name: &str| {
        let spec = json!({ "name": name, "description": "" });
        let request = json!({ "GroupAdd": { "spec": spec } });
        json!({ "protocol": rpc::PROTOCOL, "user": "ada", "caller": {}, "request": request }).to_string()
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let now = i64::try_from(now).unwrap();
    let send = async |daemon: &Daemon, proof: String, body: String| {
        let url = format!("http://{}/b3lb/admin", daemon.address());
        let request = reqwest::Client::new().post(url).header("x-b3lb-call", proof).body(body);
        request.send().await.unwrap().status().as_u16()
    };
    let proof = |nonce, at, body: &str| CallProof::new(&of(nonce), at, body.as_bytes()).to_string();
    let primary = &pair.world.daemon;
    let (good, other) = (call("good"), call("other"));
    assert_eq!(send(primary, String::new(), good.clone()).await, 404, "no proof");
    assert_eq!(send(primary, proof(nonce ^ 1, now, &good), good.clone()).await, 404, "a stranger's");
    assert_eq!(send(primary, proof(nonce, now - 3_600_000, &good), good.clone()).await, 404, "an old one");
    assert_eq!(send(primary, proof(nonce, now, &good), other.clone()).await, 404, "another call's");
    assert_eq!(send(&pair.other, proof(nonce, now + 1, &good), good.clone()).await, 404, "a replica");
    let wrong = good.replace("GroupAdd", "GroupAbb");
    assert_eq!(send(primary, proof(nonce, now, &wrong), wrong).await, 501, "of another version");
    assert_eq!(send(primary, proof(nonce, now + 2, &good), good.clone()).await, 200);
    assert_eq!(send(primary, proof(nonce, now + 2, &good), good).await, 404, "overheard and repeated");
    let groups = primary.cli(&["group", "list", "--json"]).await;
    let groups = String::from_utf8_lossy(&groups.stdout).into_owned();
    assert!(groups.contains("good") && !groups.contains("other"), "{groups}");
}

#[tokio::test]
async fn a_replica_goes_on_when_the_primary_is_killed_and_takes_over_when_told() {
    let mut pair = Pair::start().await;
    let there = pair.other(&pair.world.foo);
    for n in 0..20 {
        assert!(create(&pair.world.foo, &format!("room {n}")).await.ok());
    }
    eventually("the copy", || async { (listed(&there).await.len() == 20).then_some(()) }).await;
    // Those of the last moment, which the store may not have.
    for n in 20..25 {
        assert!(create(&pair.world.foo, &format!("room {n}")).await.ok());
    }
    pair.world.daemon.kill().await;

    for n in 0..20 {
        let id = format!("room {n}");
        assert!(joined_node(&there, &id).await.is_some(), "{id}");
        assert!(there.get("isMeetingRunning", &[("meetingID", &id)]).await.ok());
    }
    let begun = Instant::now();
    let refused = create(&there, "new").await;
    assert_eq!(refused.key(), "primaryUnavailable", "{}", refused.body);
    let waited = begun.elapsed().as_secs_f64();
    assert!(create(&there, "room 3").await.ok(), "a known meeting");
    assert!(listed(&there).await.len() >= 20);

    let took = promote(&pair.other).await;
    let created = Instant::now();
    assert!(create(&there, "new").await.ok());
    eprintln!(
        "refused after {waited:.2} s, promoted in {took:.2} s, first create {:.2} s later",
        created.elapsed().as_secs_f64()
    );
    // Polls find what the copy lacks.
    eventually("all meetings", || async { (listed(&there).await.len() == 26).then_some(()) }).await;
    for n in 0..25 {
        let id = format!("room {n}");
        assert!(create(&there, &id).await.ok(), "{id}");
        assert!(joined_node(&there, &id).await.is_some(), "{id}");
        assert_eq!(pair.world.hosts_of(&id).len(), 1, "{id} is not there twice");
    }

    // The former primary comes back as a replica, and its own database is kept aside.
    pair.world.daemon.start_again().await;
    pair.is_replica(&pair.world.daemon).await;
    assert!(pair.world.daemon.log().contains("the former database is kept"));
    assert!(create(&pair.world.foo, "after").await.ok(), "passed on");
    eventually("the list", || async { listed(&pair.world.foo).await.contains("after").then_some(()) }).await;
    drop(pair.folder);
}

#[tokio::test]
async fn a_planned_switch_loses_nothing() {
    let pair = Pair::start().await;
    let (here, there) = (pair.world.foo.clone(), pair.other(&pair.world.foo));
    assert!(create(&here, "before").await.ok());
    for n in 0..5 {
        let name = format!("c{n}");
        assert!(pair.world.daemon.cli(&["cluster", "add", &name]).await.status.success());
    }
    promote(&pair.other).await;
    // Changes of the last moment are there.
    let clusters = pair.other.cli(&["cluster", "list", "--json"]).await;
    assert!(String::from_utf8_lossy(&clusters.stdout).contains("c4"), "{clusters:?}");
    pair.is_replica(&pair.world.daemon).await;
    for (n, client) in [&here, &there].into_iter().enumerate() {
        assert!(joined_node(client, "before").await.is_some());
        assert!(create(client, &format!("after {n}")).await.ok());
    }
    eventually("the list", || async { (listed(&here).await.len() == 3).then_some(()) }).await;
    assert!(pair.other.cli(&["cluster", "add", "more"]).await.status.success());
    let again = pair.other.cli(&["promote", "--yes"]).await;
    assert_eq!(again.status.code(), Some(5), "it is the primary already: {again:?}");
    // And back.
    promote(&pair.world.daemon).await;
    pair.is_replica(&pair.other).await;
    assert!(create(&there, "and back").await.ok());
    assert!(joined_node(&here, "and back").await.is_some());
}

#[tokio::test]
async fn a_primary_that_hung_refuses_everything_new_once_it_goes_on() {
    let pair = Pair::start().await;
    let (here, there) = (pair.world.foo.clone(), pair.other(&pair.world.foo));
    assert!(create(&here, "before").await.ok());
    eventually("the copy", || async { (listed(&there).await.len() == 1).then_some(()) }).await;
    signal(pair.world.daemon.pid(), "STOP").await;
    // It accepts connections all the same.
    let begun = Instant::now();
    assert_eq!(create(&there, "new").await.key(), "primaryUnavailable");
    eprintln!("refused after {:.2} s while the primary hangs", begun.elapsed().as_secs_f64());
    assert!(joined_node(&there, "before").await.is_some());
    promote(&pair.other).await;
    assert!(create(&there, "new").await.ok());
    signal(pair.world.daemon.pid(), "CONT").await;
    pair.is_replica(&pair.world.daemon).await;
    assert!(create(&here, "new").await.ok(), "passed on");
    assert_eq!(pair.world.hosts_of("new").len(), 1);
    eventually("the list", || async { (listed(&here).await.len() == 2).then_some(()) }).await;
}

/// The stop comes between the decision and the call to the node.
#[tokio::test]
async fn a_create_that_waits_while_another_daemon_takes_over_reaches_no_node() {
    let pair = Pair::start().await;
    let (here, there) = (pair.world.foo.clone(), pair.other(&pair.world.foo));
    assert!(create(&here, "before").await.ok());
    eventually("the copy", || async { (listed(&there).await.len() == 1).then_some(()) }).await;
    // A create waits for the database, which is locked.
    let db = rusqlite::Connection::open(pair.world.daemon.database()).unwrap();
    db.execute_batch("BEGIN IMMEDIATE").expect("nobody else holds it for long");
    let waiting = tokio::spawn(async move { create(&here, "new").await });
    eventually("a node is chosen", || async {
        let shown = pair.world.daemon.cli(&["meeting", "show", "FOO", "new"]).await;
        shown.status.success().then_some(())
    })
    .await;
    signal(pair.world.daemon.pid(), "STOP").await;
    db.execute_batch("ROLLBACK").unwrap();
    promote(&pair.other).await;
    assert!(create(&there, "new").await.ok());
    // A shorter stop is not noticed.
    tokio::time::sleep(LONGEST_STOP).await;
    signal(pair.world.daemon.pid(), "CONT").await;
    // It is refused, or passed on to the new primary, which knows the meeting.
    let answer = waiting.await.unwrap();
    assert!(answer.ok() || answer.key() == "primaryUnavailable", "{answer:?}");
    pair.is_replica(&pair.world.daemon).await;
    assert_eq!(pair.world.hosts_of("new").len(), 1, "{}", pair.world.daemon.log());
    let internal_id = pair.world.host_of("new").meeting("new").unwrap().internal_id;
    assert!(!answer.ok() || answer.text("internalMeetingID") == Some(internal_id), "{answer:?}");
}

#[tokio::test]
async fn a_copy_that_nobody_follows_any_more_is_restored_again() {
    let mut pair = Pair::start().await;
    let there = pair.other(&pair.world.foo);
    let plan = pair.folder.path().join("other/b3lb.db.follow.json");
    for n in 0..3 {
        let killed = Command::new("pkill").args(["-9", "-f", plan.to_str().unwrap()]).status().await.unwrap();
        assert!(killed.success());
        assert!(create(&pair.world.foo, &format!("room {n}")).await.ok());
        eventually("the copy", || async { (listed(&there).await.len() == n + 1).then_some(()) }).await;
        assert!(pair.other.log().contains("restoring a new copy"));
    }
    let told = pair.is_replica(&pair.other).await;
    assert!(told["problems"].to_string().contains("restored 3 times within 10 minutes"), "{told}");
    // Nothing of it survives the daemon.
    pair.other.kill().await;
    eventually("nobody follows", || async {
        let found = Command::new("pgrep").args(["-f", plan.to_str().unwrap()]).status().await.unwrap();
        (!found.success()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_replica_takes_over_by_itself_if_it_may() {
    let marks = tempfile::tempdir().unwrap();
    let command = format!("touch {}/epoch-$B3LB_EPOCH", marks.path().display());
    let pair = Pair::start_with(&[("FAILOVER", "auto"), ("ON_PROMOTE", &command)]).await;
    let (here, there) = (pair.world.foo.clone(), pair.other(&pair.world.foo));
    assert!(create(&here, "before").await.ok(), "the primary has a lease");
    eventually("the copy", || async { (listed(&there).await.len() == 1).then_some(()) }).await;
    signal(pair.world.daemon.pid(), "STOP").await;
    let begun = Instant::now();
    let mut asked = 0;
    while !create(&there, "new").await.ok() {
        asked += 1;
        assert!(joined_node(&there, "before").await.is_some(), "joins go on");
        assert!(begun.elapsed().as_secs() < 90, "{}", pair.other.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    eprintln!("the first create after {:.1} s, {asked} refused before", begun.elapsed().as_secs_f64());
    assert!(begun.elapsed().as_secs() >= 15, "not before the lease has expired");
    signal(pair.world.daemon.pid(), "CONT").await;
    pair.is_replica(&pair.world.daemon).await;
    assert!(create(&here, "new").await.ok(), "passed on");
    let hosts = pair.world.hosts_of("new");
    assert_eq!(hosts.len(), 1, "{hosts:?}\n{}\n{}", pair.world.daemon.log(), pair.other.log());
    assert!(marks.path().join("epoch-2").exists());
    // Not back by itself: the other one stays the primary.
    assert_eq!(status(&pair.other).await["role"], "primary");
}

#[tokio::test]
async fn a_replica_goes_on_without_the_store_and_catches_up() {
    let pair = Pair::start().await;
    let (here, there) = (pair.world.foo.clone(), pair.other(&pair.world.foo));
    assert!(create(&here, "before").await.ok());
    eventually("the copy", || async { (listed(&there).await.len() == 1).then_some(()) }).await;
    let (store, away) = (pair.folder.path().join("store"), pair.folder.path().join("away"));
    std::fs::rename(&store, &away).unwrap();
    assert!(create(&here, "meanwhile").await.ok(), "the primary may go on for a while");
    // The replica notices by the heartbeats, and tries to restore.
    eventually("the problem", || async {
        let status = status(&pair.other).await;
        let problems = status["problems"].as_array()?.iter();
        problems.filter_map(|it| it["kind"].as_str()).any(|kind| kind == "replication").then_some(())
    })
    .await;
    for id in ["before", "meanwhile"] {
        assert!(joined_node(&there, id).await.is_some(), "{id}");
    }
    put_back(&away, &store);
    eventually("the copy", || async { (listed(&there).await.len() == 2).then_some(()) }).await;
    let told = pair.is_replica(&pair.other).await;
    assert_eq!(told["healthy"], true, "{told}");
    promote(&pair.other).await;
    assert_eq!(listed(&there).await.len(), 2);
}
