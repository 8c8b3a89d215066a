//! What is measured.

use std::sync::Arc;
use std::time::Duration;

use harness::client::{Client, encode};
use harness::{World, eventually};
use simnode::{Hash, SimNode};

use crate::load::{Measured, Target, load};
use crate::{ceiling, forecast, history, placement, replica, scale};

/// Connections of a throughput measurement.
const CONNECTIONS: usize = 32;
/// Connections of the create storm.
const CREATORS: usize = 64;
/// Turns of ceiling and daemon; the median counts.
const TURNS: usize = 3;

pub(crate) async fn run(wanted: Option<&str>, time: Duration) -> anyhow::Result<()> {
    let chosen = |name: &str| wanted.is_none_or(|it| it == name);
    println!(
        "{:<10} {:>12} {:>12} {:>7} {:>12} {:>12} {:>10}",
        "what", "ours/s", "ceiling/s", "ratio", "p50 ours", "p99 ours", "p99 ratio"
    );
    if chosen("placement") {
        placement::run();
    }
    if chosen("forecast") {
        forecast::run();
    }
    if chosen("join") {
        join(time).await?;
    }
    if chosen("running") {
        running(time).await?;
    }
    if chosen("meetings") {
        meetings(time).await?;
    }
    if chosen("create") {
        create(time).await?;
    }
    if chosen("replica") {
        replica::run().await?;
    }
    if chosen("history") {
        history::run().await?;
    }
    if chosen("scale") {
        scale::run(time).await?;
    }
    Ok(())
}

/// A world whose polls stay out of the way, and whose nodes remember nothing.
async fn quiet_world(nodes: usize) -> World {
    let world = World::start_with(nodes, &[("POLL_INTERVAL", "10"), ("LOG", "warn,b3lbd::app=info")]).await;
    for node in &world.nodes {
        node.set_recording(false);
    }
    world
}

/// The path and query of a signed URL.
fn target_of(client: &Client, call: &str, params: &[(&str, &str)]) -> String {
    let url = client.signed_url(call, params);
    let host = format!("http://{}", client.address);
    url.strip_prefix(&host).unwrap_or(&url).to_owned()
}

async fn join(time: Duration) -> anyhow::Result<()> {
    let world = quiet_world(2).await;
    world.foo.create("room").await;
    let sample =
        world.foo.get("join", &[("meetingID", "room"), ("fullName", "Person 500"), ("role", "VIEWER")]).await;
    let targets: Vec<String> = (0..1000)
        .map(|n| {
            let name = format!("Person {n}");
            target_of(&world.foo, "join", &[("meetingID", "room"), ("fullName", &name), ("role", "VIEWER")])
        })
        .collect();
    compare("join", &world, time, 302, sample.location().len(), 0, pick(targets)).await
}

async fn running(time: Duration) -> anyhow::Result<()> {
    let world = quiet_world(1).await;
    let sample = world.foo.get("isMeetingRunning", &[("meetingID", "unknown 500")]).await;
    let targets: Vec<String> = (0..1000)
        .map(|n| target_of(&world.foo, "isMeetingRunning", &[("meetingID", &format!("unknown {n}"))]))
        .collect();
    compare("running", &world, time, 200, 0, sample.body.len(), pick(targets)).await
}

async fn meetings(time: Duration) -> anyhow::Result<()> {
    const MEETINGS: usize = 320;
    let world = quiet_world(8).await;
    for n in 0..MEETINGS {
        world.foo.create(&format!("room-{n}")).await;
    }
    for node in &world.nodes {
        for meeting in node.meetings() {
            node.set_attendees(&meeting.id, 20);
        }
    }
    let sample = eventually("all attendees are listed", || async {
        let list = world.foo.get("getMeetings", &[]).await;
        (list.body.matches("<attendee>").count() == MEETINGS * 20).then_some(list)
    })
    .await;
    let target = target_of(&world.foo, "getMeetings", &[]);
    compare("meetings", &world, time, 200, 0, sample.body.len(), pick(vec![target])).await
}

fn pick(targets: Vec<String>) -> Target {
    Arc::new(move |n| targets[usize::try_from(n).unwrap_or(0) % targets.len()].clone())
}

async fn compare(
    what: &str,
    world: &World,
    time: Duration,
    status: u16,
    location: usize,
    body: usize,
    target: Target,
) -> anyhow::Result<()> {
    let (ceiling, _child) = ceiling::start(status, location, body).await?;
    let ours = world.daemon.address().to_string();
    let (mut ours_all, mut ceiling_all) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        ceiling_all.push(load(&ceiling, CONNECTIONS, time, status, Arc::clone(&target)).await?);
        ours_all.push(load(&ours, CONNECTIONS, time, status, Arc::clone(&target)).await?);
    }
    let (ours, ceiling) = (median(ours_all), median(ceiling_all));
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!(
        "{what:<10} {:>12.0} {:>12.0} {:>7.2} {:>12.2?} {:>12.2?} {:>10.2}",
        ours.rate,
        ceiling.rate,
        ours.rate / ceiling.rate,
        ours.quantile(0.5),
        ours.quantile(0.99),
        ratio(ours.quantile(0.99), ceiling.quantile(0.99)),
    );
    Ok(())
}

fn median(mut turns: Vec<Measured>) -> Measured {
    turns.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    turns.swap_remove(turns.len() / 2)
}

/// Creates through the daemon against creates asked of a node directly.
async fn create(time: Duration) -> anyhow::Result<()> {
    let world = quiet_world(5).await;
    let ours = world.daemon.address().to_string();
    let (node, client) = (world.nodes[0].clone(), world.foo.clone());
    let through =
        creates(move |id| target_of(&client, "create", &[("meetingID", id), ("name", "A meeting")]));
    let direct = creates(move |id| direct_create(&node, id));
    let node_address = world.nodes[0].addr().to_string();
    let (mut one_direct, mut one_through) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        one_direct.push(load(&node_address, 1, time / 3, 200, Arc::clone(&direct)).await?);
        one_through.push(load(&ours, 1, time / 3, 200, Arc::clone(&through)).await?);
    }
    let (one_direct, one_through) = (median(one_direct), median(one_through));
    let storm = load(&ours, CREATORS, time, 200, through).await?;
    let overhead = one_through.quantile(0.5).saturating_sub(one_direct.quantile(0.5));
    println!(
        "create     one at a time: p50 {:.2?} through us, {:.2?} directly, overhead {overhead:.2?} (goal under 1 ms)",
        one_through.quantile(0.5),
        one_direct.quantile(0.5),
    );
    println!(
        "create     {CREATORS} at a time: {:.0}/s (goal 3000/s), p50 {:.2?}, p99 {:.2?}; every one durable (synchronous=FULL)",
        storm.rate,
        storm.quantile(0.5),
        storm.quantile(0.99),
    );
    Ok(())
}

fn creates(target: impl Fn(&str) -> String + Send + Sync + 'static) -> Target {
    Arc::new(move |n| target(&format!("room-{n}")))
}

fn direct_create(node: &SimNode, id: &str) -> String {
    let query = encode(&[("meetingID", id), ("name", "A meeting")]);
    let checksum = Hash::Sha256.checksum("create", &query, &node.secret());
    format!("/bigbluebutton/api/create?{query}&checksum={checksum}")
}
