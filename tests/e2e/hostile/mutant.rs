//! Nodes whose answers are bytes of a test's own, among them mutations of a good node's.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use harness::fuzz::Mutator;
use harness::world::{World, soon};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rpc::{NodeSpec, NodeState, Sensitive};
use simnode::SimNode;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the daemon asks.
#[derive(Debug)]
pub(super) struct Question {
    method: String,
    /// Path and query.
    target: String,
    content_type: String,
    body: Vec<u8>,
}

impl Question {
    /// `create` and so on; `load` for the load URL.
    pub(super) fn call(&self) -> &str {
        let path = self.target.split('?').next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }
}

/// A node that answers as it is told and closes each connection.
#[derive(Debug)]
pub(super) struct Impostor {
    slug: String,
    port: u16,
    server: JoinHandle<()>,
}

impl Impostor {
    pub(super) async fn start<F, A>(slug: &str, answer: F) -> Self
    where
        F: Fn(Question) -> A + Clone + Send + 'static,
        A: Future<Output = Vec<u8>> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answer.clone();
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    if let Some(question) = read(&mut stream).await {
                        let bytes = answer(question).await;
                        // The daemon may have had enough before the end.
                        let _ = stream.write_all(&bytes).await;
                        let _ = stream.shutdown().await;
                    }
                });
            }
        });
        Self { slug: slug.to_owned(), port, server }
    }

    /// Tells the daemon of it.
    pub(super) async fn add_to(&self, world: &World, secret: &str) {
        let spec = NodeSpec {
            slug: self.slug.clone(),
            domain: Some(format!("localhost:{}", self.port)),
            cluster: "c".into(),
            secret: Sensitive::from(secret),
            active: true,
        };
        world.admin().await.node_add(soon(), spec).await.unwrap().unwrap();
    }

    /// What the daemon says of it.
    pub(super) async fn state(&self, world: &World) -> NodeState {
        let name = format!("{}.localhost:{}", self.slug, self.port);
        world.admin().await.node_show(soon(), name).await.unwrap().unwrap().state
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Question> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|it| *it > 0)?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut content_type, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        match line.trim().split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value)) {
            Some((name, value)) if name == "content-type" => content_type = value.to_owned(),
            Some((name, value)) if name == "content-length" => length = value.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Question { method, target, content_type, body })
}

/// An answer with its length.
pub(super) fn http(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
    for (name, value) in headers {
        for part in [name, ": ", value, "\r\n"] {
            head.push_str(part);
        }
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

pub(super) fn packed(body: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(body).expect("there is memory");
    packer.finish().expect("there is memory")
}

/// A good node behind somebody who garbles most of what it says.
pub(super) struct Mutant {
    pub(super) impostor: Impostor,
    node: SimNode,
    garbler: Arc<Garbler>,
}

struct Garbler {
    is_tame: AtomicBool,
    /// By call.
    garbled: Mutex<BTreeMap<String, usize>>,
    chance: Mutex<(StdRng, Mutator)>,
}

impl Mutant {
    pub(super) async fn start(slug: &str, seed: u64, node: SimNode) -> Self {
        let none = b"<response><returncode>SUCCESS</returncode><meetings/></response>".to_vec();
        let garbler = Arc::new(Garbler {
            is_tame: AtomicBool::new(false),
            garbled: Mutex::default(),
            chance: Mutex::new((StdRng::seed_from_u64(seed), Mutator::new(seed, vec![none]))),
        });
        b3lbd::tls::use_ring();
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let (base, shared) = (format!("http://{}", node.addr()), Arc::clone(&garbler));
        let impostor = Impostor::start(slug, move |question| {
            let (http, base, garbler) = (http.clone(), base.clone(), Arc::clone(&shared));
            async move {
                let method = question.method.parse().expect("the daemon knows methods");
                let request = http.request(method, format!("{base}{}", question.target));
                let request = request.header("content-type", &question.content_type);
                let Ok(answer) = request.body(question.body.clone()).send().await else { return Vec::new() };
                let status = answer.status().as_u16();
                let content_type = answer.headers().get("content-type").and_then(|it| it.to_str().ok());
                let content_type = content_type.unwrap_or_default().to_owned();
                let body = answer.bytes().await.unwrap_or_default();
                garbler.answer(question.call(), status, &content_type, &body)
            }
        });
        Self { impostor: impostor.await, node, garbler }
    }

    pub(super) async fn add_to(&self, world: &World) {
        self.impostor.add_to(world, &self.node.secret()).await;
    }

    /// From now on it says what it should.
    pub(super) fn tame(&self) {
        self.garbler.is_tame.store(true, Ordering::Relaxed);
    }

    /// How many answers it has garbled, by call.
    pub(super) fn garbled(&self) -> BTreeMap<String, usize> {
        self.garbler.garbled.lock().clone()
    }
}

impl Garbler {
    fn answer(&self, call: &str, status: u16, content_type: &str, body: &[u8]) -> Vec<u8> {
        let good = http(status, &[("content-type", content_type)], body);
        let mut chance = self.chance.lock();
        let (rng, mutator) = &mut *chance;
        // Without good lists in between nobody would ask it for meetings.
        let is_good = rng.random_bool(if call == "getMeetings" { 0.4 } else { 0.1 });
        if is_good || self.is_tame.load(Ordering::Relaxed) {
            return good;
        }
        *self.garbled.lock().entry(call.to_owned()).or_default() += 1;
        let content_type = [("content-type", content_type)];
        match rng.random_range(0..24) {
            0 => http(rng.random_range(100..1000), &content_type, body),
            1 => http(status, &[("content-type", "text/html; charset=utf-16")], body),
            2 => http(status, &[("content-type", "\u{fc}\u{1}")], body),
            3 => http(status, &[("content-encoding", "gzip")], &packed(&mutator.mutation_of(body))),
            4 => http(status, &[("content-encoding", "gzip")], body),
            5 => {
                let inside =
                    b"<meeting><meetingID>m</meetingID></meeting>".repeat(rng.random_range(1..50_000));
                let bomb = [&body[..body.len() / 2], &inside, &body[body.len() / 2..]].concat();
                http(status, &[("content-encoding", "gzip")], &packed(&bomb))
            }
            6 => good[..rng.random_range(0..=good.len())].to_vec(),
            7 => mutator.mutation_of(&good),
            8 => [&b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfff\r\n"[..], body].concat(),
            9 => [&b"HTTP/1.1 100 Continue\r\n\r\n"[..], &good].concat(),
            10 => http(200, &[("set-cookie", "a=\u{fc}"), ("location", "http://[::1")], body),
            _ => http(status, &content_type, &mutator.mutation_of(body)),
        }
    }
}
