//! A large pool: what polling it and watching it cost.

use std::time::{Duration, Instant};

use futures::StreamExt;
use harness::World;
use harness::world::soon;
use rpc::{ApplyOptions, Configuration, NodeConfig, Sensitive, WatchFrom};
use simnode::{Options, SimNode};

const NODES: usize = 1_000;
const MEETINGS: usize = 20;
const ATTENDEES: usize = 20;
/// Creates at a time while the pool is filled.
const CREATORS: usize = 64;

/// Fills a pool, then measures with nobody and with somebody who watches.
pub(crate) async fn run(time: Duration) -> anyhow::Result<()> {
    let time = time.max(Duration::from_secs(20));
    let mut world = empty_pool().await;
    let config = nodes_of(&mut world, NODES).await?;
    apply(&world, config).await?;
    let admin = world.admin().await;
    harness::eventually("all nodes are up", || async {
        (admin.status(soon()).await.ok()?.ok()?.nodes.up as usize == NODES).then_some(())
    })
    .await;
    let foo = &world.foo;
    futures::stream::iter(0..NODES * MEETINGS)
        .for_each_concurrent(CREATORS, |n| async move {
            foo.create(&format!("course-{n:06}-room")).await;
        })
        .await;
    fill(&world);

    let pid = world.daemon.pid();
    tokio::time::sleep(Duration::from_secs(12)).await;
    let alone = cpu_share(pid, time, &world, None).await?;
    let watched = Watched::default();
    let with = cpu_share(pid, time, &world, Some(&watched)).await?;
    println!(
        "scale      {NODES} nodes, {} meetings of {ATTENDEES}: polls take {:.0} % of a core (goal under 15 %), {} MB resident (goal under 600)",
        NODES * MEETINGS,
        alone * 100.0,
        resident(pid)? >> 20,
    );
    let bytes = watched.0.lock();
    #[expect(clippy::cast_precision_loss, reason = "megabytes with one digit")]
    let (snapshot, rate) = (bytes.snapshot as f64 / 1e6, bytes.changes as f64 / 1e3 / bytes.seconds);
    println!(
        "scale      watch: snapshot {snapshot:.1} MB, then {rate:.1} KB/s with every meeting changing every 10 s (goal under 50), {:.0} % of a core more",
        (with - alone) * 100.0,
    );
    Ok(())
}

/// A daemon that polls as usual, without nodes.
pub(crate) async fn empty_pool() -> World {
    let settings = [("POLL_INTERVAL", "10"), ("LOG", "warn,b3lbd::app=info"), ("NODE_REQUEST_TIMEOUT", "30")];
    World::start_with(0, &settings).await
}

/// Starts nodes, and returns the configuration that adds them.
pub(crate) async fn nodes_of(world: &mut World, count: usize) -> anyhow::Result<Configuration> {
    let mut config = Configuration::default();
    for n in 0..count {
        let options = Options { secret: "s".to_owned(), seed: n as u64, record: false, ..Options::default() };
        let node = SimNode::start(options).await?;
        config.nodes.push(NodeConfig {
            slug: format!("n{n}"),
            domain: Some(format!("localhost:{}", node.port())),
            cluster: "c".to_owned(),
            maintenance: Some(false),
            secret: Some(Sensitive::from("s")),
        });
        world.nodes.push(node);
    }
    Ok(config)
}

pub(crate) async fn apply(world: &World, config: Configuration) -> anyhow::Result<()> {
    let admin = world.admin().await;
    let plan = admin.config_plan(soon(), config.clone(), ApplyOptions::default()).await??;
    admin.config_apply(soon(), config, ApplyOptions::default(), plan.revision).await??;
    Ok(())
}

fn fill(world: &World) {
    for node in &world.nodes {
        for meeting in node.meetings() {
            node.set_attendees(&meeting.id, ATTENDEES);
        }
    }
}

#[derive(Default)]
struct Bytes {
    snapshot: usize,
    changes: usize,
    seconds: f64,
}

#[derive(Default)]
struct Watched(parking_lot::Mutex<Bytes>);

/// The share of a core that the daemon takes while people come and go in all meetings.
async fn cpu_share(
    pid: u32,
    time: Duration,
    world: &World,
    watched: Option<&Watched>,
) -> anyhow::Result<f64> {
    let (begun, before) = (Instant::now(), cpu_seconds(pid)?);
    let stir = async {
        for count in (0..=ATTENDEES).cycle() {
            for chunk in world.nodes.chunks(NODES / 100) {
                for node in chunk {
                    for meeting in node.meetings() {
                        node.set_attendees(&meeting.id, ATTENDEES + count % 3 - 1);
                    }
                }
                tokio::time::sleep(Duration::from_millis(80)).await;
            }
        }
    };
    let look = async {
        let Some(watched) = watched else { return std::future::pending::<anyhow::Result<()>>().await };
        let admin = world.admin().await;
        let mut from = WatchFrom { meetings: Some(0), ..WatchFrom::default() };
        let (mut in_snapshot, mut since) = (true, Instant::now());
        loop {
            let answer = admin.watch(rpc_client::deadline(Duration::from_mins(1)), from, 30_000).await??;
            let meetings = answer.meetings.as_ref().map(|it| it.seq);
            from = WatchFrom { epoch: answer.epoch, seq: answer.seq, meetings };
            let bytes = serde_json::to_string(&answer)?.len() + 60;
            let mut sum = watched.0.lock();
            if in_snapshot {
                sum.snapshot += bytes;
                in_snapshot = answer.more;
                since = Instant::now();
            } else {
                sum.changes += bytes;
                sum.seconds = since.elapsed().as_secs_f64();
            }
        }
    };
    tokio::select! {
        () = stir => {}
        result = look => result?,
        () = tokio::time::sleep(time) => {}
    }
    Ok((cpu_seconds(pid)? - before) / begun.elapsed().as_secs_f64())
}

/// User and system time of a process so far; a tick is a hundredth of a second on Linux.
fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
}

fn resident(pid: u32) -> anyhow::Result<u64> {
    let pages = std::fs::read_to_string(format!("/proc/{pid}/statm"))?;
    Ok(pages.split_whitespace().nth(1).unwrap_or_default().parse::<u64>()? * 4096)
}
