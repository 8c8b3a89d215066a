//! What is logged: every decision, and nothing that is secret.

use harness::{World, eventually};
use rpc::NodeState;
use serde_json::Value;
use simnode::{Fault, Scope};

use crate::support::{create, ended_url, is_listed, polled_again, settled};

/// A day in the life of a daemon, at the most talkative level.
async fn live(world: &World) -> Vec<String> {
    let foo = &world.foo;
    let passwords = [("attendeePW", "attendee-word"), ("moderatorPW", "moderator-word")];
    let url = ("meetingEndedURL", "http://192.0.2.1/ended?token=token-word");
    let params = [&[("meetingID", "room"), ("name", "A meeting"), url], &passwords[..]].concat();
    assert!(foo.get("create", &params).await.ok());
    assert!(foo.post_form("create", &params).await.ok());
    let join = [("meetingID", "room"), ("fullName", "Ada"), ("password", "moderator-word")];
    let joined = foo.get("join", &join).await;
    assert!(foo.get("join", &[&join[..], &[("redirect", "false")]].concat()).await.ok());
    assert_eq!(foo.with_key("wrong").get("join", &join).await.key(), "checksumError");
    let host = settled(world, "room").await;
    let node = &world.nodes[host - 1];
    let callback = ended_url(node, "room");
    for fault in [Fault::Hang, Fault::Cut, Fault::Http500, Fault::WrongSecret, Fault::Endless] {
        for call in ["create", "getMeetingInfo", "isMeetingRunning"] {
            node.fail(fault.clone(), Scope::call(call).times(1));
            foo.get(call, &params).await;
        }
        node.fail(fault, Scope::call("getMeetings").times(1));
        polled_again(node).await;
        node.heal();
    }
    node.refuse().await;
    world.node_state(host, NodeState::Down).await;
    foo.get("create", &params).await;
    node.accept_again().await.unwrap();
    world.node_state(host, NodeState::Up).await;
    settled(world, "room").await;
    let rotate = world.daemon.cli(&["secret", "rotate", "FOO", "--json"]).await;
    let rotated: Value = serde_json::from_slice(&rotate.stdout).unwrap();
    world.daemon.cli(&["gettenantsecrets"]).await;
    world.daemon.cli(&["secret", "add", "FOO", "--sub-id", "1", "--secret", "key-word"]).await;
    world.daemon.cli(&["addnode", "--slug", "m1", "--cluster", "c", "--secret", "node-word"]).await;
    assert!(foo.get("end", &[("meetingID", "room"), ("password", "moderator-word")]).await.ok());
    is_listed(foo, "room", false).await;

    let mut secret: Vec<_> = ["attendee-word", "moderator-word", "token-word", "key-word", "node-word"]
        .into_iter()
        .map(str::to_owned)
        .collect();
    secret.extend(world.nodes.iter().map(simnode::SimNode::secret));
    secret.push(foo.key.clone());
    secret.push(rotated["secret"].as_str().unwrap().to_owned());
    secret.push(callback.split("nonce=").nth(1).unwrap().to_owned());
    secret.push(joined.location().split("checksum=").nth(1).unwrap().to_owned());
    secret.extend(["checksum=", "fullName=", "sessionToken"].map(str::to_owned));
    secret
}

#[tokio::test]
async fn nothing_secret_is_logged_at_any_level() {
    for (level, format) in [("trace", "json"), ("b3lbd=trace,hyper_util=trace,reqwest=trace", "text")] {
        let settings =
            [("LOG", level), ("LOG_FORMAT", format), ("NODE_DOWN_AFTER", "2"), ("NODE_REQUEST_TIMEOUT", "1")];
        let world = World::start_with(2, &settings).await;
        let secret = live(&world).await;
        let log = world.daemon.log();
        for word in &secret {
            let line = log.lines().find(|line| line.contains(word.as_str()));
            assert_eq!(line, None, "{level}: {word} is logged");
        }
    }
}

#[tokio::test]
async fn every_decision_is_one_line_at_info() {
    let settings = [("LOG", "info"), ("NODE_DOWN_AFTER", "2")];
    let world = World::start_with(2, &settings).await;
    assert!(create(&world.foo, "room").await.ok());
    let host = settled(&world, "room").await;
    world.nodes[host - 1].refuse().await;
    world.node_state(host, NodeState::Down).await;
    assert!(create(&world.foo, "room").await.ok());
    world.nodes[host - 1].accept_again().await.unwrap();
    settled(&world, "room").await;
    assert!(world.foo.get("end", &[("meetingID", "room")]).await.ok());
    is_listed(&world.foo, "room", false).await;
    assert!(world.daemon.cli(&["node", "maintenance", "n1", "on"]).await.status.success());
    for message in [
        "b3lbd starts",
        "admin change",
        "meeting placed",
        "node changed its state",
        "meeting moved off a node that is down",
        "an abandoned instance is ended",
        "meeting ended",
    ] {
        eventually(&format!("the log says: {message}"), || async {
            let log = world.daemon.log();
            let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            lines.find(|line| line["message"] == message)
        })
        .await;
    }
    assert!(!world.daemon.log().contains("\"request\""), "requests are for the debug level");
}

#[tokio::test]
async fn only_changes_that_were_made_are_told_as_such() {
    let world = World::start(0).await;
    let told = || world.daemon.log().matches("\"what\":\"cluster add\"").count();
    assert_eq!(world.daemon.cli(&["cluster", "add", "c"]).await.status.code(), Some(5));
    let refused = || world.daemon.log().contains("admin change refused");
    eventually("the refusal", || async { refused().then_some(()) }).await;
    let lines = world.daemon.log();
    let made = lines.lines().filter(|it| it.contains("\"admin change\"") && it.contains("cluster add"));
    assert_eq!((made.count(), told()), (1, 2), "one was made, one was refused");
}
