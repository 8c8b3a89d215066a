//! Requests without sense over real sockets: no error of ours, no answer that is no XML, no growth.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};
use std::time::{Duration, Instant};

use harness::{Client, StrictXml, World};
use simnode::Options;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::generator::{End, Generator};
use super::wire::{Reply, Wire};
use super::{peak_memory, requests, seed};
use crate::support::pings;

const CONNECTIONS: usize = 16;
/// Answers that wait for the strict parser.
const WAITING: usize = 64;
/// Of a request that is larger a client may not get to see the refusal: so much is read of it all the same.
const READ_BEFORE_REFUSAL: usize = 64 * 1024;
/// Message keys, and how often each must occur in 20,000 requests, so that the requests reach their calls.
const KEYS: [(&str, usize); 12] = [
    ("checksumError", 200),
    ("validationError", 100),
    ("missingParamMeetingID", 50),
    ("notFound", 100),
    ("unsupportedRequest", 200),
    ("noRecordings", 100),
    ("invalidMeetingIdentifier", 5),
    ("sizeError", 10),
    ("duplicateWarning", 100),
    ("idNotUnique", 1),
    ("noMeetings", 0),
    ("SUCCESS", 1000),
];

/// What came of the requests of one connection.
#[derive(Default)]
struct Tally {
    statuses: BTreeMap<u16, usize>,
    keys: BTreeMap<String, usize>,
    closed: usize,
    cut: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        for (key, count) in other.keys {
            *self.keys.entry(key).or_default() += count;
        }
        self.closed += other.closed;
        self.cut += other.cut;
    }

    fn count(&mut self, reply: &Reply) {
        *self.statuses.entry(reply.status).or_default() += 1;
        let body = String::from_utf8_lossy(&reply.body);
        let text = |tag: &str| Some(body.split_once(&format!("<{tag}>"))?.1.split_once('<')?.0.to_owned());
        // Of what is no fault of the client's, it matters which it is.
        let key = text("messageKey").map(|key| match text("message") {
            Some(message) if key == "internalError" => format!("{key}: {message}"),
            _ => key,
        });
        for word in text("returncode").into_iter().chain(key) {
            *self.keys.entry(word).or_default() += 1;
        }
    }
}

/// A request and the XML that came.
type Document = (Vec<u8>, Vec<u8>);

async fn one_connection(n: usize, rounds: usize, clients: Vec<Client>, xml: mpsc::Sender<Document>) -> Tally {
    let mut wire = Wire::new(clients[0].address);
    let mut generator = Generator::new(seed().wrapping_add(n as u64), clients);
    let (mut tally, mut known) = (Tally::default(), HashSet::new());
    for _ in 0..rounds {
        let asked = generator.request();
        if asked.end == End::Cut {
            wire.cut(&asked.bytes).await;
            tally.cut += 1;
            continue;
        }
        let Some(reply) = wire.ask(&asked.bytes, asked.is_head).await else {
            let may_be_lost = asked.end == End::Unclear || asked.bytes.len() > READ_BEFORE_REFUSAL;
            assert!(may_be_lost, "no answer to {}", asked.bytes.escape_ascii());
            tally.closed += 1;
            continue;
        };
        if asked.end == End::Unclear {
            wire.close();
        }
        tally.count(&reply);
        assert!(reply.status < 500, "{reply:?} to {}", asked.bytes.escape_ascii());
        let content_type = reply.header("content-type").unwrap_or_default();
        if content_type.starts_with("application/json") {
            let json = serde_json::from_slice::<serde_json::Value>(&reply.body);
            assert!(json.is_ok(), "{reply:?} to {}", asked.bytes.escape_ascii());
        }
        let mut hasher = DefaultHasher::new();
        reply.body.hash(&mut hasher);
        if content_type.starts_with("text/xml") && !asked.is_head && known.insert(hasher.finish()) {
            xml.send((asked.bytes, reply.body)).await.expect("the parser goes on");
        }
    }
    tally
}

/// Parses until there is nothing more to come; how many there were.
fn parse(mut documents: mpsc::Receiver<Document>) -> usize {
    let mut parser = StrictXml::start();
    let mut count = 0;
    while let Some((request, body)) = documents.blocking_recv() {
        if let Err(error) = parser.check(&body) {
            panic!("{error}: {} to {}", body.escape_ascii(), request.escape_ascii());
        }
        count += 1;
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_requests() {
    let template =
        Options { expire_empty: Some(Duration::from_secs(5)), record: false, ..Options::default() };
    let world = World::start_of(2, template, &[("LOG", "warn,b3lbd::app=info")]).await;
    let clients = vec![world.foo.clone(), world.add_secret("FOO", 12).await, world.add_tenant("BAR").await];
    let (began, rounds) = (Instant::now(), requests() / CONNECTIONS);
    println!("seed {}", seed());

    let (xml, documents) = mpsc::channel(WAITING);
    let parser = std::thread::spawn(|| parse(documents));
    let mut connections = JoinSet::new();
    for n in 0..CONNECTIONS {
        connections.spawn(one_connection(n, rounds, clients.clone(), xml.clone()));
    }
    drop(xml);
    let mut tally = Tally::default();
    while let Some(one) = connections.join_next().await {
        tally.add(one.expect("every answer is right"));
    }
    let parsed = parser.join().expect("every answer is XML");

    println!(
        "{} requests in {:.1} s: {:?}, {} closed without an answer, {} cut, {parsed} different answers parsed",
        rounds * CONNECTIONS,
        began.elapsed().as_secs_f64(),
        tally.statuses,
        tally.closed,
        tally.cut,
    );
    println!("{:?}", tally.keys);
    for (key, least) in KEYS {
        let count = tally.keys.get(key).copied().unwrap_or_default();
        assert!(count >= least * requests() / 20_000, "{count} times {key}");
    }
    world.all_up().await;
    pings(&world, true).await;
    world.foo.create("afterwards").await;
    peak_memory(&world.daemon);
}
