//! The log at its most talkative holds nothing that opens a door.

use std::collections::BTreeSet;

use futures::future::join_all;
use harness::client::encode;
use harness::{Algorithm, CALLS, Client, Form, STYLES, Via, World, eventually, world::soon};
use rpc::{AssetFile, AssetKind, Page, ParamMode, ParamSpec, SecretSpec, Sensitive};
use simnode::{Fault, Scope, SimNode};

/// Of attendees, of moderators, a wrong one, and two in the client's callback URL.
const PASSWORDS: [&str; 5] = ["attendee-4711", "moderator-4711", "wrong-4711", "user-4711", "token-4711"];

/// A call right and wrong, with and without redirect; the checksums that were sent.
async fn variants(client: &Client, via: Via, call: &str, id: &str) -> Vec<String> {
    let callback = format!("http://u:{}@127.0.0.1:9/ended?token={}", PASSWORDS[3], PASSWORDS[4]);
    let right = [
        ("meetingID", id),
        ("name", "A room"),
        ("fullName", "Ada"),
        ("message", "Hi"),
        ("attendeePW", PASSWORDS[0]),
        ("moderatorPW", PASSWORDS[1]),
        ("password", PASSWORDS[1]),
        ("meetingEndedURL", &callback),
    ];
    let other =
        [&right[..4], &[("password", PASSWORDS[2]), ("attendeePW", PASSWORDS[2]), ("redirect", "false")]]
            .concat();
    let odd = [("meetingID", "\u{1}"), ("password", PASSWORDS[2])];
    let wrong = client.with_key("wrong-key");
    let mut sums = Vec::new();
    for (client, params) in [(client, &right[..]), (client, &other), (client, &odd), (&wrong, &right)] {
        client.call(via, call, params).await;
        sums.push(client.checksum(call, &encode(params)));
    }
    client.post_xml(call, &right, "<modules/>").await;
    let sum = client.checksum(call, "");
    client.get_raw(call, &format!("checksum={sum}&checksum={sum}")).await;
    sums.push(sum);
    sums
}

/// Everything in some styles.
async fn everything(client: &Client, styles: &[(Form, Via)], id: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (form, via) in styles {
        let client = client.by(*form);
        // The meeting is there before the others are asked of it, and gone behind them.
        all.push(variants(&client, *via, CALLS[0], id).await);
        let calls = CALLS[1..CALLS.len() - 1].iter().chain(&["unknown", ""]);
        all.extend(join_all(calls.map(|call| variants(&client, *via, call, id))).await);
        all.push(variants(&client, *via, CALLS[CALLS.len() - 1], id).await);
    }
    all.concat()
}

/// All that goes wrong with nodes, one after the other.
async fn with_trouble(world: &World, client: &Client) -> Vec<String> {
    let few = &STYLES[2..4];
    let mut all = Vec::new();
    for fault in [Fault::Http500, Fault::Html, Fault::BrokenXml, Fault::Cut, Fault::WrongSecret, Fault::Hang]
    {
        // The meeting of this name is made before the trouble begins, the other is not.
        let known = format!("known {fault:?}");
        client
            .get("create", &[("meetingID", &known), ("name", "A room"), ("attendeePW", PASSWORDS[0])])
            .await;
        world.nodes.iter().for_each(|node| node.fail(fault.clone(), Scope::all()));
        all.extend(everything(client, &few[..1], &known).await);
        all.extend(everything(client, &few[1..], &format!("new {fault:?}")).await);
        world.nodes.iter().for_each(SimNode::heal);
        world.all_up().await;
    }
    client.get("create", &[("meetingID", "refused"), ("name", "A room")]).await;
    for node in &world.nodes {
        node.refuse().await;
    }
    all.extend(everything(client, few, "refused").await);
    for node in &world.nodes {
        node.accept_again().await.expect("its port is kept");
    }
    all
}

/// Changes by an operator that have keys in them; the keys.
async fn administer(world: &World) -> Vec<String> {
    let admin = world.admin().await;
    let mut keys = Vec::new();
    keys.push(admin.secret_rotate(soon(), "FOO".into()).await.unwrap().unwrap().secret);
    keys.push(admin.secret_promote(soon(), "FOO".into()).await.unwrap().unwrap().secret);
    keys.extend(
        admin
            .secret_reveal(soon(), None, Page::default())
            .await
            .unwrap()
            .unwrap()
            .rows
            .into_iter()
            .map(|it| it.secret),
    );
    keys.extend(admin.tenant_show(soon(), "FOO".into()).await.unwrap().unwrap().stats_token);
    let value = Some("https://x.example/?token=token-4711".into());
    let spec =
        ParamSpec { tenant: "FOO".into(), name: "logoutURL".into(), mode: ParamMode::Set, value, on: None };
    admin.param_set(soon(), spec).await.unwrap().unwrap();
    let file = AssetFile { kind: AssetKind::Css, file_name: "own.css".into(), base64: "Ym9keSB7fQo=".into() };
    admin.asset_set(soon(), "FOO".into(), vec![file]).await.unwrap().unwrap();
    let spec = SecretSpec {
        tenant: "FOO".into(),
        sub_id: 12,
        secret: Some(Sensitive::from(PASSWORDS[4])),
        attendee_limit: 0,
        meeting_limit: 0,
    };
    assert!(admin.secret_add(soon(), spec).await.unwrap().is_err(), "it exists");
    keys.iter().map(|it| it.reveal().to_owned()).collect()
}

/// What nodes were told: checksums, and the nonces of their callbacks.
fn told_to(node: &SimNode) -> Vec<String> {
    let mut all = Vec::new();
    for request in node.requests() {
        all.extend(request.query.split('&').filter_map(|it| it.strip_prefix("checksum=")).map(str::to_owned));
        let ended = request.param("meetingEndedURL").unwrap_or_default();
        all.extend(ended.split_once("nonce=").map(|(_, nonce)| nonce.to_owned()));
    }
    all.push(node.secret());
    all.extend(node.meetings().into_iter().flat_map(|it| [it.attendee_pw, it.moderator_pw]));
    all
}

#[tokio::test]
async fn the_log_keeps_every_secret() {
    let world = World::start_with(2, &[("LOG", "trace"), ("NODE_REQUEST_TIMEOUT", "0.2")]).await;
    let sub = world.add_secret("FOO", 12).await;
    let mut secrets = vec![world.foo.key.clone(), sub.key.clone()];
    for client in [&world.foo, &sub, &world.foo.with(Algorithm::Sha1)] {
        secrets.extend(everything(client, &STYLES, "room").await);
    }
    let joined = world.foo.create("joined").await;
    assert!(joined.ok());
    let params = [("meetingID", "joined"), ("fullName", "Ada"), ("password", PASSWORDS[0])];
    let location = world.foo.get("join", &params).await.location();
    secrets.extend(location.rsplit_once("checksum=").map(|(_, sum)| sum.to_owned()));
    secrets.extend(with_trouble(&world, &sub).await);
    secrets.extend(administer(&world).await);
    secrets.extend(PASSWORDS.map(str::to_owned));
    secrets.extend(world.nodes.iter().flat_map(told_to));
    secrets.extend(["checksum=", "/join?", "nonce=", "password="].map(str::to_owned));

    world.all_up().await;
    let last = world.foo.get("create", &[("meetingID", "the very last"), ("name", "A room")]).await;
    assert!(last.ok(), "{last:?}");
    eventually("the last line", || async { world.daemon.log().contains("the very last").then_some(()) })
        .await;
    let log = world.daemon.log();
    for expected in [
        r#""message":"request""#,
        "no answer within",
        "no connection",
        "the node rejects our secret",
        "meeting placed",
    ] {
        assert!(log.contains(expected), "the log tells of: {expected}");
    }
    let found: BTreeSet<_> = secrets.iter().filter(|it| it.is_empty() || log.contains(it.as_str())).collect();
    assert!(secrets.len() > 500 && found.is_empty(), "{} looked for, found: {found:?}", secrets.len());
}
