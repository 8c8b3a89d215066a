//! A connection that is kept, byte by byte.

use std::net::SocketAddr;

use harness::eventually::PATIENCE;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

/// An answer of the daemon.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Headers in lower case, one a line.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    }
}

/// One connection at a time; a new one when the daemon has closed it.
pub(super) struct Wire {
    address: SocketAddr,
    stream: Option<(BufReader<OwnedReadHalf>, OwnedWriteHalf)>,
}

impl Wire {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    async fn connect(address: SocketAddr) -> (BufReader<OwnedReadHalf>, OwnedWriteHalf) {
        let stream = TcpStream::connect(address).await.expect("the front end listens");
        stream.set_nodelay(true).expect("it is a socket");
        let (reader, writer) = stream.into_split();
        (BufReader::new(reader), writer)
    }

    /// Sends a request and reads its answer. `None` if the connection is closed without one.
    pub(super) async fn ask(&mut self, request: &[u8], is_head: bool) -> Option<Reply> {
        let is_kept = self.stream.is_some();
        let reply = self.try_ask(request, is_head).await;
        // One that was kept may have been closed just then.
        if reply.is_none() && is_kept { self.try_ask(request, is_head).await } else { reply }
    }

    async fn try_ask(&mut self, request: &[u8], is_head: bool) -> Option<Reply> {
        let (mut reader, mut writer) = match self.stream.take() {
            Some(stream) => stream,
            None => Self::connect(self.address).await,
        };
        let mut is_sent = false;
        let talk = async {
            let mut reply = std::pin::pin!(read(&mut reader, is_head));
            tokio::select! {
                biased;
                sent = writer.write_all(request) => is_sent = sent.is_ok(),
                // It may come before all is sent.
                early = &mut reply => return early,
            }
            reply.await
        };
        let reply = timeout(PATIENCE, talk).await.expect("an answer comes, or the connection is closed")?;
        if is_sent && reply.header("connection") != Some("close") {
            self.stream = Some((reader, writer));
        }
        Some(reply)
    }

    /// Sends part of a request and goes away.
    pub(super) async fn cut(&mut self, request: &[u8]) {
        let (_reader, mut writer) = match self.stream.take() {
            Some(stream) => stream,
            None => Self::connect(self.address).await,
        };
        // It may be refused before it is all sent.
        let _ = timeout(PATIENCE, writer.write_all(request)).await;
    }

    /// Goes away.
    pub(super) fn close(&mut self) {
        self.stream = None;
    }
}

async fn read(reader: &mut BufReader<OwnedReadHalf>, is_head: bool) -> Option<Reply> {
    loop {
        let (status, head) = read_head(reader).await?;
        if status < 200 {
            continue;
        }
        let mut reply = Reply { status, head, body: Vec::new() };
        if is_head || matches!(status, 204 | 304) {
            return Some(reply);
        }
        if reply.header("transfer-encoding") == Some("chunked") {
            while let size @ 1.. = usize::from_str_radix(line(reader).await?.trim(), 16).ok()? {
                let begin = reply.body.len();
                reply.body.resize(begin + size, 0);
                reader.read_exact(&mut reply.body[begin..]).await.ok()?;
                line(reader).await?;
            }
            line(reader).await?;
        } else {
            reply.body.resize(reply.header("content-length")?.parse().ok()?, 0);
            reader.read_exact(&mut reply.body).await.ok()?;
        }
        return Some(reply);
    }
}

async fn read_head(reader: &mut BufReader<OwnedReadHalf>) -> Option<(u16, String)> {
    let status = line(reader).await?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let mut head = String::new();
    loop {
        let line = line(reader).await?;
        if line.trim().is_empty() {
            return Some((status, head));
        }
        let (name, value) = line.split_once(':')?;
        head.push_str(&name.to_ascii_lowercase());
        head.push(':');
        head.push_str(value);
    }
}

async fn line(reader: &mut BufReader<OwnedReadHalf>) -> Option<String> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).await.ok().filter(|it| *it > 0)?;
    Some(String::from_utf8_lossy(&line).into_owned())
}
