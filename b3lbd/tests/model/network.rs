//! The network between daemon and nodes: requests and answers may be slow, late or lost; plus end callbacks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use b3lbd::bbb::{Algorithm, Params, flat_response, sign};
use b3lbd::lifecycle::NodeCalls;
use b3lbd::model::{Node, NodeId, Nonce};
use b3lbd::nodes::{Body, NodeAnswer, NodeError};
use parking_lot::Mutex;
use simnode::{CallbackKind, Offline, Options};

use crate::scheduler::{Actor, Scheduler};

pub const SECRET: &str = "secret of all nodes";
/// The daemon's timeout of a call, in milliseconds.
const TIMEOUT: u64 = 5_000;
/// Metadata that identifies the owner of an instance on a node, as `secret/id`.
pub const OWNER: &str = "owner";

/// An instance of a meeting on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    pub node: NodeId,
    pub internal_id: String,
    pub owner: String,
}

/// The probability of network faults, in percent of the calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// The answer is lost.
    pub answer_lost: u64,
    /// The request arrives after the daemon's timeout.
    pub late: u64,
    /// The request is lost, or the node refuses it.
    pub lost: u64,
}

struct NodeState {
    node: Offline,
    reachable: bool,
}

/// All nodes.
pub struct Network {
    scheduler: Arc<Scheduler>,
    /// The current probability of faults.
    pub faults: Mutex<Faults>,
    nodes: BTreeMap<NodeId, Mutex<NodeState>>,
    /// Nonces of ended instances, to be sent to the running daemon.
    pub callbacks: Mutex<Vec<Nonce>>,
    /// Violations found where no assertion is possible.
    pub violations: Mutex<Vec<String>>,
    /// Internal ids of instances that clients know of and that no later one has replaced, by owner.
    pub acknowledged: Mutex<BTreeMap<String, String>>,
    /// Instances that somebody has asked to end.
    pub may_end: Mutex<Vec<String>>,
}

impl Network {
    pub fn new(scheduler: &Arc<Scheduler>, nodes: i64, faults: Faults) -> Arc<Self> {
        let node = |n: i64| {
            let options = Options {
                secret: SECRET.to_owned(),
                seed: n.unsigned_abs(),
                record: false,
                clock: Some(scheduler.node_clock()),
                ..Options::default()
            };
            (NodeId(n), Mutex::new(NodeState { node: Offline::new(options), reachable: true }))
        };
        Arc::new(Self {
            scheduler: Arc::clone(scheduler),
            faults: Mutex::new(faults),
            nodes: (1..=nodes).map(node).collect(),
            callbacks: Mutex::default(),
            violations: Mutex::default(),
            acknowledged: Mutex::default(),
            may_end: Mutex::default(),
        })
    }

    pub fn violation(&self, text: String) {
        self.violations.lock().push(text);
    }

    pub fn is_reachable(&self, node: NodeId) -> bool {
        self.nodes[&node].lock().reachable
    }

    pub fn set_reachable(&self, node: NodeId, reachable: bool) {
        self.nodes[&node].lock().reachable = reachable;
    }

    /// All instances on all nodes.
    pub fn lives(&self) -> Vec<Life> {
        let mut lives = Vec::new();
        for (id, state) in &self.nodes {
            state.lock().node.each(|it| {
                lives.push(Life {
                    node: *id,
                    internal_id: it.internal_id.clone(),
                    owner: it.meta(OWNER).unwrap_or_default().to_owned(),
                });
            });
        }
        lives
    }

    /// A meeting ends by itself, and its node sends the callback.
    pub fn end(self: &Arc<Self>, node: NodeId, internal_id: &str) {
        let node = self.nodes[&node].lock().node.clone();
        node.end(internal_id);
        self.collect_callbacks(&node);
    }

    /// A node loses all meetings without sending callbacks.
    pub fn restart(&self, node: NodeId) {
        self.nodes[&node].lock().node.forget_all();
    }

    /// Handles a request that reaches a node.
    pub fn handle(self: &Arc<Self>, node: NodeId, call: &str, query: &str) -> NodeAnswer {
        let offline = self.nodes[&node].lock().node.clone();
        let (status, body) = offline.get(call, query);
        self.scheduler.note(|| {
            let params = Params::parse(query.as_bytes()).unwrap();
            let get = |name| params.get(name).unwrap_or_default();
            let told = |name: &str| {
                let children = flat_response(&body).unwrap_or_default();
                children.into_iter().find(|it| it.0 == name).map(|it| it.1).unwrap_or_default()
            };
            let (id, owner) = (get("meetingID"), get("meta_owner"));
            let told = [told("returncode"), told("messageKey"), told("internalMeetingID")].join(" ");
            format!("    {call} {id} {owner} on {node:?} -> {told}")
        });
        self.collect_callbacks(&offline);
        NodeAnswer { status, content_type: Some("text/xml".to_owned()), body, cookies: Vec::new() }
    }

    /// Callbacks are delayed, and some are lost.
    fn collect_callbacks(self: &Arc<Self>, node: &Offline) {
        for due in node.take_callbacks() {
            if due.kind != CallbackKind::MeetingEnded || self.scheduler.percent(15) {
                continue;
            }
            let Some(nonce) = due.url.split_once("nonce=").and_then(|(_, nonce)| Nonce::from_hex(nonce))
            else {
                continue;
            };
            let (this, scheduler) = (Arc::clone(self), Arc::clone(&self.scheduler));
            let delay = if scheduler.percent(50) { scheduler.below(5) } else { scheduler.below(8_000) };
            self.scheduler.spawn(Actor::World, async move {
                scheduler.sleep(delay).await;
                this.callbacks.lock().push(nonce);
            });
        }
    }

    /// Checks the target of a call: it reaches only the client's own meeting, and the daemon does not end one
    /// that goes on.
    fn check_call(&self, node: NodeId, call: &str, params: &Params) {
        let Some(found) = self.nodes[&node].lock().node.find(params.get("meetingID").unwrap_or_default())
        else {
            return;
        };
        let owner = found.meta(OWNER).unwrap_or_default();
        match self.scheduler.current() {
            Actor::Client(client) if client != owner => {
                self.violation(format!("{call} of {client} reaches {} of {owner}", found.internal_id));
            }
            Actor::Daemon if call == "end" => {
                let goes_on = self.acknowledged.lock().get(owner) == Some(&found.internal_id);
                if goes_on && !self.may_end.lock().contains(&found.internal_id) {
                    self.violation(format!(
                        "the daemon ends {} of {owner}, which goes on",
                        found.internal_id
                    ));
                }
            }
            _ => {}
        }
    }
}

/// The daemon's connection to the nodes.
#[derive(Clone)]
pub struct Wire(pub Arc<Network>);

impl NodeCalls for Wire {
    async fn call(
        &self,
        node: &Node,
        call: &str,
        params: &Params,
        _body: Option<Body>,
    ) -> Result<NodeAnswer, NodeError> {
        let (this, id) = (&self.0, node.id);
        let scheduler = &this.scheduler;
        let query = params.encode();
        let checksum = sign(Algorithm::Sha1, call, query.as_bytes(), SECRET);
        let query = if query.is_empty() { query } else { query + "&" };
        let query = format!("{query}checksum={checksum}");
        let slow = if scheduler.percent(20) { TIMEOUT - 1_000 } else { 4 };
        scheduler.sleep(scheduler.below(slow)).await;
        if !this.is_reachable(id) {
            return Err(NodeError::Refused("unreachable".to_owned()));
        }
        let timeout = NodeError::Timeout(Duration::from_millis(TIMEOUT));
        if call == "create" {
            let fate = scheduler.below(100);
            let Faults { answer_lost, late, lost } = *this.faults.lock();
            if fate < answer_lost {
                this.handle(id, call, &query);
                scheduler.sleep(TIMEOUT).await;
                return Err(timeout);
            }
            if fate < answer_lost + late {
                let (network, name, timer) = (Arc::clone(this), call.to_owned(), Arc::clone(scheduler));
                let delay = TIMEOUT - 1_000 + scheduler.below(3_000);
                scheduler.spawn(Actor::World, async move {
                    timer.sleep(delay).await;
                    network.handle(id, &name, &query);
                });
                scheduler.sleep(TIMEOUT).await;
                return Err(timeout);
            }
            if fate < answer_lost + late + lost {
                if scheduler.percent(50) {
                    return Err(NodeError::Refused("refused".to_owned()));
                }
                scheduler.sleep(TIMEOUT).await;
                return Err(timeout);
            }
        } else {
            this.check_call(id, call, params);
        }
        let answer = this.handle(id, call, &query);
        let slow = if scheduler.percent(20) { 1_000 } else { 4 };
        scheduler.sleep(scheduler.below(slow)).await;
        Ok(answer)
    }

    fn timeout(&self) -> Duration {
        Duration::from_millis(TIMEOUT)
    }
}
