//! Reading requests from a connection.

use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Head;
use crate::Options;

/// All headers with the request line.
const MAX_HEAD: usize = 256 << 10;
/// How long a client may take to read the answer to a refused request.
const LINGER: Duration = Duration::from_secs(2);

/// Why there is no (further) request.
#[derive(Debug)]
pub(crate) enum End {
    /// The client has gone.
    Closed,
    /// What it sent is answered with this status, and the connection closed.
    Refused(u16),
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Closed
    }
}

/// What is refused without being looked at, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) request_line: usize,
    pub(crate) body: usize,
}

impl Limits {
    pub(crate) fn of(options: &Options) -> Self {
        Self { request_line: options.request_line.unwrap_or(usize::MAX), body: options.max_body }
    }
}

/// A connection with what has been read ahead.
pub(crate) struct Reader<S> {
    pub(crate) stream: S,
    buffer: BytesMut,
    limits: Limits,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Reader<S> {
    pub(crate) fn new(stream: S, limits: Limits) -> Self {
        Self { stream, buffer: BytesMut::with_capacity(8 << 10), limits }
    }

    /// The next request with its body.
    pub(crate) async fn next(&mut self) -> Result<(Head, Bytes), End> {
        let head = self.head().await?;
        let length = head.length().ok_or(End::Refused(400))?;
        if length > self.limits.body {
            return Err(End::Refused(413));
        }
        if head.expects_continue() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let body = if head.chunked() { self.chunks().await? } else { self.exactly(length).await? };
        Ok((head, body))
    }

    async fn head(&mut self) -> Result<Head, End> {
        let mut searched = 0;
        loop {
            while self.buffer.starts_with(b"\r\n") {
                self.buffer.advance(2);
                searched = 0;
            }
            let line = find(&self.buffer, b"\r\n").unwrap_or(self.buffer.len());
            if line > self.limits.request_line {
                return Err(End::Refused(414));
            }
            if let Some(found) = find(&self.buffer[searched..], b"\r\n\r\n") {
                let end = searched + found;
                if end > MAX_HEAD {
                    return Err(End::Refused(431));
                }
                let head = Head::parse(&self.buffer[..end]).ok_or(End::Refused(400))?;
                self.buffer.advance(end + 4);
                return Ok(head);
            }
            if self.buffer.len() > MAX_HEAD {
                return Err(End::Refused(431));
            }
            searched = self.buffer.len().saturating_sub(3);
            self.more().await?;
        }
    }

    async fn chunks(&mut self) -> Result<Bytes, End> {
        let mut body = BytesMut::new();
        loop {
            let line = self.line().await?;
            let digits = line.split(|&byte| byte == b';').next().unwrap_or_default();
            let size = std::str::from_utf8(digits)
                .ok()
                .and_then(|digits| usize::from_str_radix(digits.trim(), 16).ok())
                .ok_or(End::Refused(400))?;
            if size == 0 {
                while !self.line().await?.is_empty() {}
                return Ok(body.freeze());
            }
            if size > self.limits.body - body.len() {
                return Err(End::Refused(413));
            }
            body.extend_from_slice(&self.exactly(size).await?);
            self.line().await?;
        }
    }

    async fn line(&mut self) -> Result<Bytes, End> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n") {
                let line = self.buffer.split_to(end).freeze();
                self.buffer.advance(2);
                return Ok(line);
            }
            if self.buffer.len() > MAX_HEAD {
                return Err(End::Refused(400));
            }
            self.more().await?;
        }
    }

    async fn exactly(&mut self, length: usize) -> Result<Bytes, End> {
        self.buffer.reserve(length.saturating_sub(self.buffer.len()));
        while self.buffer.len() < length {
            self.more().await?;
        }
        Ok(self.buffer.split_to(length).freeze())
    }

    async fn more(&mut self) -> Result<(), End> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err(End::Closed);
        }
        Ok(())
    }

    /// Closes the own side, and waits a little for the client to close its. A connection
    /// dropped with unread bytes is reset, and the answer lost with it.
    pub(crate) async fn close(&mut self) {
        if self.stream.shutdown().await.is_ok() {
            // Time over or not: the connection is dropped now.
            let _ = tokio::time::timeout(LINGER, self.until_closed()).await;
        }
    }

    /// Waits until the client closes the connection.
    pub(crate) async fn until_closed(&mut self) {
        let mut ignored = [0; 4096];
        while !matches!(self.stream.read(&mut ignored).await, Ok(0) | Err(_)) {}
    }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Vec<Result<(String, Bytes), u16>> {
        let (mut client, server) = tokio::io::duplex(1 << 10);
        let bytes = bytes.to_vec();
        let writer = tokio::spawn(async move { client.write_all(&bytes).await });
        let limits = Limits { request_line: 200 << 10, body: 1 << 20 };
        let mut reader = Reader::new(server, limits);
        let mut all = Vec::new();
        loop {
            match reader.next().await {
                Ok((head, body)) => all.push(Ok((head.target, body))),
                Err(End::Closed) => break,
                Err(End::Refused(status)) => {
                    all.push(Err(status));
                    break;
                }
            }
        }
        writer.abort();
        all
    }

    #[tokio::test]
    async fn requests_one_after_the_other() {
        let all = read(
            b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\
              POST /2 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello\r\n\
              POST /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: x\r\n\r\n\
              GET /4 HTTP/1.1\r\n\r\n",
        )
        .await;
        let got: Vec<_> = all.into_iter().map(Result::unwrap).collect();
        let want = [("/1", ""), ("/2", "hello"), ("/3", "abcde"), ("/4", "")];
        assert_eq!(got, want.map(|(target, body)| (target.to_owned(), Bytes::from(body))));
    }

    #[tokio::test]
    async fn refusals() {
        assert_eq!(read(b"nonsense\r\n\r\n").await, [Err(400)]);
        assert_eq!(read(b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n").await, [Err(400)]);
        assert_eq!(read(b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n").await, [Err(413)]);
        assert_eq!(
            read(format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(300 << 10)).as_bytes()).await,
            [Err(414)]
        );
        let header = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "x".repeat(300 << 10));
        assert_eq!(read(header.as_bytes()).await, [Err(431)]);
        let long = format!("/{}", "x".repeat(128 << 10));
        assert_eq!(read(format!("GET {long} HTTP/1.1\r\n\r\n").as_bytes()).await, [Ok((long, Bytes::new()))]);
    }
}
