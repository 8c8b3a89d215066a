//! What 400 days of history cost: the size of the file, a minute's transaction, and the first frame of the Pool tab.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use b3lbd::history::{Capacity, NodeCounts, Sample, Stats, TenantMinute, minute_of};
use b3lbd::store::{Missing, Store};
use harness::World;
use harness::daemon::binary;
use harness::world::soon;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use metrics::Histogram;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rpc::TenantConfig;
use tokio::process::Command;

use crate::scale::{apply, empty_pool, nodes_of};

const NODES: u32 = 1_000;
const TENANTS: u32 = 1_000;
const CLUSTERS: u32 = 10;
const DAYS: i64 = 400;
/// The days whose every minute is recorded; before, one minute stands for its quarter of an hour.
const WHOLE_DAYS: i64 = 2;
/// Records at a time of the days before.
const AT_ONCE: usize = 100;
const FRAMES: usize = 5;

pub(crate) async fn run() -> anyhow::Result<()> {
    for (label, is_always) in [("a timetable", false), ("every tenant always busy", true)] {
        let folder = tempfile::tempdir()?;
        let store = Store::open(&folder.path().join("b3lb.db"), Missing::Create, Histogram::noop())?;
        let before = store.size().file;
        let mut minutes = record(&store, is_always).await?;
        store.close().await;
        let size = store.size();
        minutes.sort_unstable();
        println!(
            "history    {TENANTS} tenants, {NODES} nodes, {CLUSTERS} clusters, {DAYS} days of {label}: {:.1} MB (goal under 50), a \
             minute's transaction {:.1} ms at the median, {:.1} ms at p99",
            megabytes(size.file.saturating_sub(before) + size.log),
            milliseconds(minutes[minutes.len() / 2]),
            milliseconds(minutes[minutes.len() * 99 / 100]),
        );
    }
    first_frame().await
}

#[expect(clippy::cast_precision_loss, reason = "megabytes with one digit")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Records the days up to now; returns how long each minute of the last days took.
async fn record(store: &Store, is_always: bool) -> anyhow::Result<Vec<Duration>> {
    let mut rng = SmallRng::seed_from_u64(1);
    let now = minute_of(Timestamp::now().as_millisecond());
    let whole = now - WHOLE_DAYS * 1_440;
    let coarse: Vec<i64> = (now - DAYS * 1_440..whole).step_by(15).collect();
    // Those that wait are committed together.
    for minutes in coarse.chunks(AT_ONCE) {
        // One minute that stands for a quarter has the attendee-minutes of a quarter.
        let records = minutes.iter().map(|minute| {
            store.record_history(*minute, sample(&mut rng, *minute, 15, is_always), TimeZone::UTC)
        });
        futures::future::try_join_all(records).await?;
    }
    let mut took = Vec::new();
    for minute in whole..now {
        let sample = sample(&mut rng, minute, 1, is_always);
        let begun = Instant::now();
        store.record_history(minute, sample, TimeZone::UTC).await?;
        took.push(begun.elapsed());
    }
    Ok(took)
}

/// The pool in a minute. Tenants have up to 200 attendees on a weekday from 7 to 14 h; few are busy at other times.
fn sample(rng: &mut SmallRng, minute: i64, times: u32, is_always: bool) -> Sample {
    let (day, hour) = (minute.div_euclid(1_440), minute.div_euclid(60).rem_euclid(24));
    // 1970 began on a Thursday.
    let is_weekday = (day + 3).rem_euclid(7) < 5;
    let busy = if is_always || is_weekday && (7..14).contains(&hour) { 1.0 } else { 0.05 };
    let mut sample = Sample::default();
    for tenant in 0..TENANTS {
        if rng.random::<f64>() < busy {
            let meetings = 1 + rng.random_range(0..1 + tenant % 20);
            let attendees = times * meetings * rng.random_range(2..12);
            let row = TenantMinute { attendees, meetings, creates: rng.random_range(0..3) };
            sample.tenants.insert(format!("T{tenant:04}"), row);
        }
    }
    let sum = |of: fn(&TenantMinute) -> u32| sample.tenants.values().map(of).sum::<u32>();
    let stats = |share: u32| Stats {
        nodes: NodeCounts { up: NODES / share, down: 1, maintenance: 3, ..NodeCounts::default() },
        meetings: sum(|it| it.meetings) / share,
        attendees: sum(|it| it.attendees) / times / share,
        creates: sum(|it| it.creates) / share,
        joins: sum(|it| it.creates) * 7 / share,
        capacity: Some(Capacity { total: 200 * NODES / share, free: 100 * NODES / share }),
    };
    let clusters: BTreeMap<_, _> = (0..CLUSTERS).map(|it| (format!("c{it}"), stats(CLUSTERS))).collect();
    Sample { pool: stats(1), refusals: [1, 0, 0, 2, 0, 3, 0], clusters, ..sample }
}

/// The dashboard's frame of the Pool tab from its start on, of a pool with its history.
async fn first_frame() -> anyhow::Result<()> {
    let mut world = empty_pool().await;
    let mut config = nodes_of(&mut world, NODES as usize).await?;
    config.tenants = (0..TENANTS)
        .map(|it| TenantConfig {
            slug: format!("T{it:04}"),
            group: "g".to_owned(),
            description: String::new(),
            attendee_limit: 0,
            meeting_limit: 0,
            stats_token: None,
            secrets: Vec::new(),
            parameters: Vec::new(),
            assets: Vec::new(),
        })
        .collect();
    apply(&world, config).await?;
    anyhow::ensure!(world.daemon.terminate().await == Some(0), "the daemon ends in order");
    let store = Store::open(&world.daemon.database(), Missing::Refuse, Histogram::noop())?;
    record(&store, false).await?;
    store.close().await;
    drop(store);
    world.daemon.start_again().await;
    let mut calls = Vec::new();
    let admin = world.admin().await;
    harness::eventually("all nodes are up", || async {
        (admin.status(soon()).await.ok()?.ok()?.nodes.up == NODES).then_some(())
    })
    .await;
    for _ in 0..FRAMES {
        let begun = Instant::now();
        admin.pool_history(soon()).await??;
        calls.push(begun.elapsed());
    }
    let (mut pool, mut clusters) = (Vec::new(), Vec::new());
    for _ in 0..FRAMES {
        pool.push(frame(&world, "pool").await?);
        clusters.push(frame(&world, "clusters").await?);
    }
    for times in [&mut calls, &mut pool, &mut clusters] {
        times.sort_unstable();
    }
    println!(
        "history    first frame of the Pool tab, {NODES} nodes: {:.0} ms at the median from the start of b3lb-tui (goal \
         100), of which its call takes {:.1} ms; the Clusters tab {:.0} ms",
        milliseconds(pool[FRAMES / 2]),
        milliseconds(calls[FRAMES / 2]),
        milliseconds(clusters[FRAMES / 2]),
    );
    Ok(())
}

/// How long the dashboard takes for one frame.
async fn frame(world: &World, tab: &str) -> anyhow::Result<Duration> {
    let connect = format!("unix:{}", world.daemon.socket().display());
    let mut command = Command::new(binary("b3lb-tui"));
    command.env_clear().env("LANG", "C.UTF-8");
    command.args(["--connect", &connect, "--snapshot", "--size", "200x60", "--tab", tab]);
    let begun = Instant::now();
    let output = command.output().await?;
    let took = begun.elapsed();
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let is_there = tab != "pool" || String::from_utf8_lossy(&output.stdout).contains("1,000 nodes, 9 is");
    anyhow::ensure!(is_there, "{}", String::from_utf8_lossy(&output.stdout));
    Ok(took)
}
