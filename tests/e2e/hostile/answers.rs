//! Nodes that garble their answers beside one that does not. What the parsers make of mutated answers is tried in
//! greater number without sockets, by `bodies`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use harness::{Client, StrictXml, World, eventually};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rpc::NodeState;
use simnode::{Options, SimNode};

use super::mutant::Mutant;
use super::{mutations, peak_memory, seed};
use crate::support::{about, create, joined_node};

const MUTANTS: usize = 6;
const CLIENTS: u64 = 4;
const STEADY: usize = 5;

/// Of the mutations, those that go over sockets.
fn over_sockets() -> usize {
    mutations() / 50
}

/// A tenant's client that works with meetings of the good node and with others until it is told to stop; how many
/// creates of others worked.
async fn go_on(client: Client, n: u64, stop: Arc<AtomicBool>) -> usize {
    let mut rng = StdRng::seed_from_u64(seed().wrapping_add(n));
    let mut parser = StrictXml::start();
    let mut created = 0;
    while !stop.load(Ordering::Relaxed) {
        let steady = format!("steady-{}", rng.random_range(0..STEADY));
        assert_eq!(joined_node(&client, &steady).await, Some(1), "{steady}");
        for call in ["getMeetingInfo", "isMeetingRunning"] {
            let answer = about(&client, call, &steady).await;
            assert!(answer.ok(), "{call} of {steady}: {answer:?}");
        }
        let again = create(&client, &steady).await;
        assert!(again.ok() && again.key() == "duplicateWarning", "{again:?}");

        let wild = format!("wild-{}", rng.random_range(0..200));
        let answer = create(&client, &wild).await;
        // With its status, too, of which some have no body.
        assert!(answer.body.is_empty() || parser.check(&answer.body).is_ok(), "{answer:?}");
        created += usize::from(answer.ok());
        // A node's answer goes on as it is, so all that can be said is that there is one.
        for call in ["getMeetingInfo", "isMeetingRunning", "sendChatMessage", "getMeetingInfo"] {
            client.get(call, &[("meetingID", &wild), ("message", "Hi")]).await;
        }
        if rng.random_bool(0.3) {
            about(&client, "end", &wild).await;
        }
        let list = client.get("getMeetings", &[]).await;
        assert_eq!(parser.check(&list.body), Ok(()), "{list:?}");
        let ids = list.texts("meetingID");
        assert!((0..STEADY).all(|n| ids.contains(&format!("steady-{n}"))), "{ids:?}");
    }
    created
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutated_answers() {
    let settings = [
        ("LOG", "error,b3lbd::app=info"),
        ("POLL_INTERVAL", "0.05"),
        ("NODE_REQUEST_TIMEOUT", "1"),
        ("NODE_CREATE_TIMEOUT", "1"),
    ];
    let world = World::start_of(1, Options { record: false, ..Options::default() }, &settings).await;
    for n in 0..STEADY {
        world.foo.create(&format!("steady-{n}")).await;
    }
    let began = Instant::now();
    println!("seed {}", seed());
    let mut mutants = Vec::new();
    for n in 1..=MUTANTS {
        let (slug, secret) = (format!("m{n}"), format!("secret-of-m{n}"));
        let options = Options { secret, seed: n as u64, record: false, ..Options::default() };
        let node = SimNode::start(options).await.expect("a node starts");
        let mutant = Mutant::start(&slug, seed().wrapping_add(n as u64), node).await;
        mutant.add_to(&world).await;
        mutants.push(mutant);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> =
        (0..CLIENTS).map(|n| tokio::spawn(go_on(world.foo.clone(), n, Arc::clone(&stop)))).collect();
    let garbled = || mutants.iter().flat_map(|it| it.garbled().into_values()).sum::<usize>();
    while garbled() < over_sockets() && clients.iter().all(|it| !it.is_finished()) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut created = 0;
    for client in clients {
        created += client.await.expect("every answer is right");
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{} garbled answers in {seconds:.1} s, {created} creates that worked; by node:", garbled());
    for mutant in &mutants {
        println!("  {:?}", mutant.garbled());
    }
    assert!(created > 0, "some creates work");

    mutants.iter().for_each(Mutant::tame);
    for mutant in &mutants {
        eventually("a node is up that answers well again", || async {
            (mutant.impostor.state(&world).await == NodeState::Up).then_some(())
        })
        .await;
    }
    world.foo.create("afterwards").await;
    peak_memory(&world.daemon);
}
