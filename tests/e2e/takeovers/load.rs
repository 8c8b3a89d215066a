//! Clients that create, end, join and list, an operator who changes the configuration, and what all of them were told.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use harness::client::{Answer, Client};
use harness::daemon::cli_command;
use parking_lot::Mutex;
use tokio::task::JoinSet;

/// How long a proxy waits for a daemon before it tries the other one.
const PROXY_TIMEOUT: Duration = Duration::from_secs(2);
/// Pause of each client between two requests.
const PAUSE: Duration = Duration::from_millis(25);

/// What they were told, in the order in which it happened.
#[derive(Default)]
pub(super) struct Told {
    /// Acknowledged creates.
    pub(super) created: Mutex<Vec<(String, Instant)>>,
    /// When creates were refused.
    pub(super) refused: Mutex<Vec<Instant>>,
    /// Meetings that somebody has asked to end. What comes of an end that is cut off is not known.
    pub(super) ended: Mutex<BTreeSet<String>>,
    pub(super) joins: AtomicUsize,
    pub(super) failed_joins: Mutex<Vec<String>>,
    pub(super) lists: AtomicUsize,
    /// Clusters whose addition was acknowledged.
    pub(super) clusters: Mutex<Vec<String>>,
    /// What each of the two daemons has said of its role.
    pub(super) roles: [Mutex<Vec<RoleSeen>>; 2],
}

/// An answer of `/b3lb/primary`.
#[derive(Clone, Copy, Debug)]
pub(super) struct RoleSeen {
    pub(super) asked: Instant,
    pub(super) answered: Instant,
    pub(super) is_primary: bool,
}

/// A client behind a proxy that tries the other daemon if one does not answer.
#[derive(Clone)]
struct Proxied([Client; 2]);

impl Proxied {
    async fn get(&self, call: &str, params: &[(&str, &str)]) -> Answer {
        let mut clients = self.0.iter().cycle();
        loop {
            let client = clients.next().unwrap();
            let request = client.request("GET", &client.signed_url(call, params));
            if let Ok(Ok(answer)) = tokio::time::timeout(PROXY_TIMEOUT, client.try_send(request)).await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Starts everybody. `clients` are of the primary and of the replica, `sockets` their admin sockets, and `ended` is where
/// to tell that a meeting has ended.
pub(super) fn start(
    told: &Arc<Told>,
    clients: &[Client; 2],
    known: &[String],
    sockets: [PathBuf; 2],
    ended: &str,
) -> JoinSet<()> {
    let mut load = JoinSet::new();
    let [here, there] = clients;
    for n in 0..4 {
        let proxied = Proxied([[here, there], [there, here]][n % 2].map(Clone::clone));
        load.spawn(creates(proxied.clone(), Arc::clone(told), n, ended.to_owned()));
        load.spawn(joins(proxied, Arc::clone(told), known.to_vec()));
    }
    for (n, client) in clients.iter().enumerate() {
        load.spawn(roles(client.address, Arc::clone(told), n));
    }
    load.spawn(changes(sockets, Arc::clone(told)));
    load
}

async fn creates(proxied: Proxied, told: Arc<Told>, name: usize, ended: String) {
    for n in 0.. {
        let id = format!("class {name}-{n}");
        let url = format!("{ended}/{name}-{n}");
        let params = [("meetingID", id.as_str()), ("name", "A class"), ("meetingEndedURL", url.as_str())];
        let answer = proxied.get("create", &params).await;
        if answer.ok() {
            told.created.lock().push((id.clone(), Instant::now()));
            // One in four ends at once.
            if n % 4 == 0 {
                told.ended.lock().insert(id.clone());
                proxied.get("end", &[("meetingID", &id), ("password", "mp")]).await;
            }
        } else {
            told.refused.lock().push(Instant::now());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn joins(proxied: Proxied, told: Arc<Told>, known: Vec<String>) {
    for id in known.iter().cycle() {
        let person = [("meetingID", id.as_str()), ("fullName", "Ada"), ("role", "VIEWER")];
        let answer = proxied.get("join", &person).await;
        told.joins.fetch_add(1, Ordering::Relaxed);
        if answer.status != 302 {
            told.failed_joins.lock().push(format!("{id}: {answer:?}"));
        }
        let list = proxied.get("getMeetings", &[]).await;
        assert!(list.ok(), "{list:?}");
        told.lists.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Asks a daemon for its role, as proxies do.
async fn roles(address: SocketAddr, told: Arc<Told>, daemon: usize) {
    let http = reqwest::Client::new();
    loop {
        let asked = Instant::now();
        if let Ok(answer) = http.get(format!("http://{address}/b3lb/primary")).send().await {
            let (answered, is_primary) = (Instant::now(), answer.status() == 200);
            told.roles[daemon].lock().push(RoleSeen { asked, answered, is_primary });
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Adds clusters, by whichever daemon accepts them.
async fn changes(sockets: [PathBuf; 2], told: Arc<Told>) {
    for n in 0.. {
        let name = format!("c{n}");
        for socket in &sockets {
            let mut command = cli_command(socket, &["cluster", "add", &name]);
            let output = tokio::time::timeout(PROXY_TIMEOUT, command.output()).await;
            if output.is_ok_and(|it| it.is_ok_and(|it| it.status.success())) {
                told.clusters.lock().push(name);
                break;
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
