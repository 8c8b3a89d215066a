//! `kill -9` again and again, in the middle of creates, repeats, ends, callbacks and admin changes: nothing that
//! was acknowledged is lost, and nothing is there twice.
//!
//! Every choice follows from a seed, which is printed; `B3LB_KILL_SEED` takes it up again, and
//! `B3LB_KILL_ROUNDS` is how many rounds there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::join_all;
use harness::world::soon;
use harness::{Client, Receiver, Reply, World, eventually};
use parking_lot::Mutex;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rpc::{AdminClient, Page, TenantChange};
use simnode::{Fault, Scope, SimNode};

use crate::support::{joined_node, listed};

const ROUNDS: u64 = 200;
const CLIENTS: usize = 5;
/// Meeting ids of a round, over which the clients meet.
const IDS: usize = 8;
/// Meeting ids that live through all rounds.
const STANDING: usize = 3;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|it| it.parse().ok())
}

/// What clients and operators were told.
#[derive(Default)]
struct Told {
    /// Internal ids by meeting id, in the order in which clients were told of them.
    lives: Mutex<BTreeMap<String, Vec<String>>>,
    /// The limits of tenant BAR that were acknowledged last, and those that were asked for last.
    acknowledged: AtomicU32,
    asked: AtomicU32,
    /// Tenants that were acknowledged.
    tenants: Mutex<BTreeSet<String>>,
    /// Answers of any kind.
    answers: AtomicU32,
}

impl Told {
    fn last(&self, id: &str) -> Option<String> {
        self.lives.lock().get(id)?.last().cloned()
    }
}

/// What a client needs.
struct Player {
    client: Client,
    nodes: Vec<SimNode>,
    callback: String,
    told: Arc<Told>,
    ids: Vec<String>,
    rng: SmallRng,
}

impl Player {
    /// Makes one request after another until the daemon stops answering.
    async fn play(mut self) {
        loop {
            let id = self.ids[self.rng.random_range(0..self.ids.len())].clone();
            let answered = match self.rng.random_range(0..100) {
                0..60 => self.create(&id).await,
                60..75 => self.call("end", &[("meetingID", &id)]).await,
                75..85 => self.call("isMeetingRunning", &[("meetingID", &id)]).await,
                _ => {
                    let node = &self.nodes[self.rng.random_range(0..self.nodes.len())];
                    node.end_meeting(&id);
                    tokio::task::yield_now().await;
                    true
                }
            };
            if !answered {
                return;
            }
            self.told.answers.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn create(&self, id: &str) -> bool {
        let url = format!("{}{id}", self.callback);
        let params = [("meetingID", id), ("name", "A meeting"), ("meetingEndedURL", url.as_str())];
        let request = self.client.request("GET", &self.client.signed_url("create", &params));
        let Ok(answer) = self.client.try_send(request).await else { return false };
        assert!(answer.ok(), "{id}: {answer:?}");
        let life = answer.text("internalMeetingID").unwrap();
        self.told.lives.lock().entry(id.to_owned()).or_default().push(life);
        true
    }

    async fn call(&self, call: &str, params: &[(&str, &str)]) -> bool {
        let request = self.client.request("GET", &self.client.signed_url(call, params));
        self.client.try_send(request).await.is_ok()
    }
}

/// Changes both limits of BAR at once, and adds tenants, until the daemon answers no more.
async fn administer(admin: AdminClient, told: Arc<Told>, round: u64) {
    for n in 0.. {
        let limit = told.asked.fetch_add(1, Ordering::Relaxed) + 1;
        let change = TenantChange {
            attendee_limit: Some(limit),
            meeting_limit: Some(limit),
            ..TenantChange::default()
        };
        let Ok(changed) = admin.tenant_set(soon(), "BAR".into(), change).await else { return };
        changed.unwrap();
        told.acknowledged.store(limit, Ordering::Relaxed);
        if n == 2 {
            let slug = format!("T{round}");
            let spec = rpc::TenantSpec {
                slug: slug.clone(),
                group: "g".into(),
                description: String::new(),
                attendee_limit: 0,
                meeting_limit: 0,
            };
            let Ok(added) = admin.tenant_add(soon(), spec).await else { return };
            added.unwrap();
            told.tenants.lock().insert(slug);
        }
    }
}

/// The life of a meeting on each node that has one.
fn lives(world: &World, id: &str) -> Vec<String> {
    world.nodes.iter().filter_map(|node| node.meeting(id)).map(|it| it.internal_id).collect()
}

/// What was acknowledged is there at once.
async fn nothing_is_lost(world: &World, told: &Told, ids: &[String]) {
    let before: Vec<_> = ids.iter().map(|id| lives(world, id)).collect();
    let list = listed(&world.foo).await;
    for (id, before) in ids.iter().zip(before) {
        let Some(last) = told.last(id).filter(|last| before.contains(last)) else { continue };
        let joined = joined_node(&world.foo, id).await;
        // A client's `end` of before may take effect only now.
        let Some(host) = world.nodes.iter().position(|node| node.meeting(&last).is_some()) else { continue };
        assert!(list.contains(id), "{id} is listed by the first answer after the start");
        assert_eq!(joined, Some(host + 1), "{id} is where its client was told");
    }
    let admin = world.admin().await;
    let bar = admin.tenant_show(soon(), "BAR".into()).await.unwrap().unwrap();
    assert_eq!(bar.attendee_limit, bar.meeting_limit, "a change is made whole");
    let (acknowledged, asked) =
        (told.acknowledged.load(Ordering::Relaxed), told.asked.load(Ordering::Relaxed));
    assert!((acknowledged..=asked).contains(&bar.meeting_limit), "{acknowledged} {bar:?}");
    let tenants = told.tenants.lock().clone();
    for slug in &tenants {
        let tenant = admin.tenant_show(soon(), slug.clone()).await.unwrap();
        let secrets = admin.secret_list(soon(), Some(slug.clone()), Page::default()).await.unwrap();
        assert!(tenant.is_ok() && secrets.is_ok_and(|it| it.rows.len() == 1), "{slug} is there, whole");
    }
}

/// Soon each meeting that lives is there once, where joins lead to.
async fn nothing_is_there_twice(world: &World, ids: &[String]) {
    for id in ids {
        eventually(&format!("{id} is there once or not at all"), || async {
            match world.hosts_of(id)[..] {
                [] => Some(()),
                [host] => (joined_node(&world.foo, id).await == Some(host)).then_some(()),
                _ => None,
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_and_nothing_is_there_twice() {
    let seed = number("B3LB_KILL_SEED").unwrap_or_else(|| rand::rng().random());
    let rounds = number("B3LB_KILL_ROUNDS").unwrap_or(ROUNDS);
    println!("B3LB_KILL_SEED={seed} B3LB_KILL_ROUNDS={rounds}");
    let settings = [("LOG", "info"), ("CALLBACK_NETWORKS", "127.0.0.0/8"), ("NODE_REQUEST_TIMEOUT", "1")];
    let mut world = World::start_with(3, &settings).await;
    let receiver = Receiver::start(Reply::Status(200)).await;
    world.add_tenant("BAR").await;
    let told = Arc::new(Told::default());
    let mut all: Vec<String> = (0..STANDING).map(|n| format!("standing-{n}")).collect();
    for round in 0..rounds {
        let mut rng = SmallRng::seed_from_u64(seed ^ round);
        let new: Vec<_> = (0..IDS).map(|n| format!("r{round}-{n}")).collect();
        let ids: Vec<_> = all[..STANDING].iter().chain(&new).cloned().collect();
        all.extend(new);
        for node in &world.nodes {
            node.heal();
            // So that the daemon also dies while a node is at work, or has answered to nobody.
            match rng.random_range(0..10) {
                0 => node.fail(Fault::HandleThenHang, Scope::call("create").times(1)),
                1 => node.fail(Fault::Late(Duration::from_millis(8)), Scope::call("create")),
                _ => {}
            }
        }
        let players = (0..CLIENTS).map(|_| {
            let player = Player {
                client: world.foo.clone(),
                nodes: world.nodes.clone(),
                callback: receiver.url("/"),
                told: Arc::clone(&told),
                ids: ids.clone(),
                rng: SmallRng::seed_from_u64(rng.random()),
            };
            tokio::spawn(player.play())
        });
        let mut tasks: Vec<_> = players.collect();
        tasks.push(tokio::spawn(administer(world.admin().await, Arc::clone(&told), round)));
        let enough = told.answers.load(Ordering::Relaxed) + rng.random_range(1..40);
        eventually("the first answers", || async {
            (told.answers.load(Ordering::Relaxed) >= enough).then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_micros(rng.random_range(0..5_000))).await;
        world.daemon.kill().await;
        for task in join_all(tasks).await {
            task.expect("every create was a success");
        }
        world.daemon.start_again().await;
        nothing_is_lost(&world, &told, &ids).await;
        nothing_is_there_twice(&world, &ids).await;
        // Some live on for a while, and the rest ends.
        for id in all.iter().skip(STANDING).filter(|_| rng.random_bool(0.5)) {
            world.nodes.iter().for_each(|node| _ = node.end_meeting(id));
        }
    }
    every_end_is_told(&world, &receiver, &told, &all).await;
}

/// In the end all meetings are over, and their clients know: of each life at least once, and of none that never was.
async fn every_end_is_told(world: &World, receiver: &Receiver, told: &Told, all: &[String]) {
    nothing_is_there_twice(world, all).await;
    for node in &world.nodes {
        for meeting in node.meetings() {
            node.end_meeting(&meeting.internal_id);
        }
    }
    eventually("no meeting is left", || async { listed(&world.foo).await.is_empty().then_some(()) }).await;
    let mut told_of = 0;
    for id in all {
        let lives: BTreeSet<_> = told.lives.lock().get(id).into_iter().flatten().cloned().collect();
        let made: usize = world.nodes.iter().map(|node| node.made(id)).sum();
        assert!(lives.len() <= made, "{id}: told of {lives:?}, but {made} were made");
        told_of += lives.len();
        let deliveries = || {
            let path = format!("/{id}");
            let calls = receiver.calls().into_iter().zip(receiver.deliveries());
            calls.filter(|(target, _)| *target == path).map(|(_, delivery)| delivery).collect::<BTreeSet<_>>()
        };
        let told = eventually(&format!("the end of each of {lives:?}"), || async {
            let deliveries = deliveries();
            (deliveries.len() >= lives.len()).then_some(deliveries)
        })
        .await;
        assert!(told.len() <= made, "{id}: {} ends told, but {made} lives were made", told.len());
    }
    println!("{} meetings, {told_of} lives told, {} callbacks", all.len(), receiver.calls().len());
}
