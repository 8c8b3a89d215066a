//! Every fault again and again while clients go on: no error of our own, and all is well afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use harness::{Answer, Client, World, eventually};
use rpc::NodeState;
use simnode::{Fault, Scope};

const ROUNDS: u64 = 10;

/// A client that creates, joins and lists until it is told to stop; every answer is judged.
async fn go_on(client: Client, n: u64, stop: Arc<AtomicBool>, made: Arc<AtomicU64>) {
    while !stop.load(Ordering::Relaxed) {
        let id = format!("room-{n}-{}", made.fetch_add(1, Ordering::Relaxed));
        let created = client.get("create", &[("meetingID", &id), ("name", "A meeting")]).await;
        judge("create", &created);
        let joined = client.get("join", &[("meetingID", &id), ("fullName", "A"), ("role", "VIEWER")]).await;
        assert!(joined.status == 302 || !created.ok(), "a created meeting can be joined: {joined:?}");
        for call in ["getMeetings", "getMeetingInfo", "isMeetingRunning", "end"] {
            judge(call, &client.get(call, &[("meetingID", &id)]).await);
        }
    }
}

/// Whatever a node answers, a client hears what BBB could have said.
fn judge(call: &str, answer: &Answer) {
    assert!(answer.status == 200 && !answer.returncode().is_empty(), "{call}: {answer:?}");
}

/// Among others finding 15: the page of a node's web server, with status 200, reached the client.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_rounds_of_every_fault_under_load() {
    let settings = [("NODE_REQUEST_TIMEOUT", "0.5"), ("POLL_INTERVAL", "0.2"), ("LOG", "info")];
    let world = World::start_with(3, &settings).await;
    let stop = Arc::new(AtomicBool::new(false));
    let made = Arc::new(AtomicU64::new(0));
    let clients: Vec<_> = (0..2)
        .map(|n| tokio::spawn(go_on(world.foo.clone(), n, Arc::clone(&stop), Arc::clone(&made))))
        .collect();
    let faults = [
        Fault::Hang,
        Fault::Late(Duration::from_millis(300)),
        Fault::HandleThenHang,
        Fault::Drip(Duration::from_millis(2)),
        Fault::Cut,
        Fault::Http500,
        Fault::Html,
        Fault::BrokenXml,
        Fault::Endless,
        Fault::WrongSecret,
        Fault::NoLoad,
        Fault::LoadGarbage,
    ];
    for round in 0..ROUNDS {
        for fault in &faults {
            let node = &world.nodes[usize::try_from(round).unwrap() % 3];
            let before = made.load(Ordering::Relaxed);
            node.fail(fault.clone(), Scope::all());
            eventually(&format!("clients go on with {fault:?}"), || async {
                (made.load(Ordering::Relaxed) >= before + 3).then_some(())
            })
            .await;
            node.heal();
        }
        let node = &world.nodes[usize::try_from(round).unwrap() % 3];
        node.refuse().await;
        let before = made.load(Ordering::Relaxed);
        eventually("clients go on with a node that refuses", || async {
            (made.load(Ordering::Relaxed) >= before + 3).then_some(())
        })
        .await;
        node.accept_again().await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    for n in 1..=3 {
        world.node_state(n, NodeState::Up).await;
    }
    assert!(!world.daemon.log().contains("panicked"));
    eventually("every listed meeting is on one node, and none is lost", || async {
        let listed = world.foo.get("getMeetings", &[]).await.texts("meetingID");
        let running: usize = world.nodes.iter().map(simnode::SimNode::meeting_count).sum();
        let once = listed.iter().all(|id| world.hosts_of(id).len() == 1);
        (once && running == listed.len()).then_some(())
    })
    .await;
}
