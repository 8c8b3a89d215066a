//! A load generator that costs little: plain sockets, keep-alive, one request at a time per connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a load brought.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// Requests a second.
    pub(crate) rate: f64,
    /// Latencies, sorted.
    pub(crate) latencies: Vec<Duration>,
}

impl Measured {
    /// The latency that this share of requests stays below.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let at = (self.latencies.len() as f64 * share) as usize;
        self.latencies.get(at.min(self.latencies.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// Makes a request's target from its number.
pub(crate) type Target = Arc<dyn Fn(u64) -> String + Send + Sync>;

/// Sends requests for a while over N connections. Every answer must have `status`.
pub(crate) async fn load(
    address: &str,
    connections: usize,
    time: Duration,
    status: u16,
    target: Target,
) -> anyhow::Result<Measured> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let end = Instant::now() + time;
    let started = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (address, target) = (address.to_owned(), Arc::clone(&target));
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let mut latencies = Vec::new();
            while Instant::now() < end {
                let path = target(NUMBER.fetch_add(1, Ordering::Relaxed));
                let begun = Instant::now();
                let got = connection.get(&path).await?;
                latencies.push(begun.elapsed());
                ensure!(got == status, "status {got} instead of {status} for {path}");
            }
            Ok::<_, anyhow::Error>(latencies)
        }));
    }
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    let elapsed = started.elapsed().as_secs_f64();
    latencies.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let rate = latencies.len() as f64 / elapsed;
    Ok(Measured { rate, latencies })
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    host: String,
}

impl Connection {
    async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 256 * 1024], host: address.to_owned() })
    }

    /// One request; its answer is read to the end and thrown away.
    async fn get(&mut self, path: &str) -> anyhow::Result<u16> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.host);
        self.stream.write_all(request.as_bytes()).await?;
        let mut filled = 0;
        let head = loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            ensure!(read > 0, "the connection was closed");
            filled += read;
            if let Some(end) = find(&self.buffer[..filled], b"\r\n\r\n") {
                break end + 4;
            }
        };
        let text = std::str::from_utf8(&self.buffer[..head])?;
        let status = text.get(9..12).and_then(|it| it.parse().ok()).context("no status")?;
        let length: usize = text
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, length)| length.parse().ok())
            .context("no content-length")?;
        let mut missing = (head + length).saturating_sub(filled);
        while missing > 0 {
            let most = missing.min(self.buffer.len());
            let read = self.stream.read(&mut self.buffer[..most]).await?;
            ensure!(read > 0, "the connection was closed");
            missing -= read;
        }
        Ok(status)
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|it| it == what)
}
