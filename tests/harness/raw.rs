//! HTTP byte by byte, for requests that no library would send.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::eventually::PATIENCE;

/// An answer as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAnswer {
    /// HTTP status.
    pub status: u16,
    /// Status line and headers, but for `date`.
    pub head: String,
    /// All behind the head.
    pub body: String,
}

/// Sends `request` on a connection of its own and reads until the other side closes it, so the request
/// should say `Connection: close`. `None` if the connection is closed without an answer.
///
/// # Panics
/// If there is no connection, or it stays open.
pub async fn raw(address: SocketAddr, request: &[u8]) -> Option<RawAnswer> {
    let mut stream = TcpStream::connect(address).await.expect("the front end listens");
    let (mut reader, mut writer) = stream.split();
    let mut answer = Vec::new();
    let talk = async {
        // An answer may come, and the connection go, before all is sent.
        let (_, _) = tokio::join!(writer.write_all(request), reader.read_to_end(&mut answer));
    };
    timeout(PATIENCE, talk).await.expect("the connection is closed in the end");
    RawAnswer::parse(&answer)
}

/// The bytes of a request that asks for its connection to be closed; its headers are the given ones.
pub fn raw_request(method: &str, target: &[u8], headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = [method.as_bytes(), b" ", target, b" HTTP/1.1\r\nconnection: close\r\n"].concat();
    for (name, value) in headers {
        head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    [&head[..], b"\r\n", body].concat()
}

/// Sends the beginning of a request and goes away.
///
/// # Panics
/// If there is no connection.
pub async fn raw_cut(address: SocketAddr, request: &[u8]) {
    let mut stream = TcpStream::connect(address).await.expect("the front end listens");
    // It may be refused before it is all sent.
    let _ = stream.write_all(request).await;
}

impl RawAnswer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
        let lines = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("date:"));
        Some(Self { status, head: lines.collect::<Vec<_>>().join("\n"), body: body.to_owned() })
    }

    /// `messageKey`.
    pub fn key(&self) -> &str {
        let rest = self.body.split_once("<messageKey>").map_or("", |(_, rest)| rest);
        rest.split_once('<').map_or("", |(key, _)| key)
    }
}
