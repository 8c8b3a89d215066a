//! Answers.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Content type of the API's answers, as BBB writes it.
const XML: &str = "text/xml;charset=utf-8";
/// Bodies up to this size are sent together with the head.
const SMALL: usize = 16 << 10;

/// How the end of a body is told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Length {
    Known(usize),
    Chunked,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    /// How long the node works before it answers.
    pub(crate) after: Duration,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, headers: Vec::new(), body: body.into(), after: Duration::ZERO }
    }

    pub(crate) fn xml(body: impl Into<Bytes>) -> Self {
        Self::new(200, XML, body)
    }

    pub(crate) fn html(status: u16, title: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
        );
        Self::new(status, "text/html;charset=utf-8", page)
    }

    /// A page of the web server in front of BBB.
    pub(crate) fn nginx(status: u16) -> Self {
        let title = format!("{status} {}", reason(status));
        let page = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
             <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        );
        Self::new(status, "text/html", page)
    }

    /// The web server's page for plain HTTP where TLS is spoken.
    #[cfg(feature = "tls")]
    pub(crate) fn nginx_plain_http() -> Self {
        let text = "The plain HTTP request was sent to HTTPS port";
        let page = format!(
            "<html>\r\n<head><title>400 {text}</title></head>\r\n<body>\r\n\
             <center><h1>400 Bad Request</h1></center>\r\n<center>{text}</center>\r\n\
             <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        );
        Self::new(400, "text/html", page)
    }

    pub(crate) fn redirect(location: String) -> Self {
        Self::new(302, "text/html;charset=utf-8", Bytes::new()).with("Location", location)
    }

    pub(crate) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same answer after some work.
    pub(crate) fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    /// Status line and headers.
    pub(crate) fn head(&self, length: Length, keep_alive: bool) -> Vec<u8> {
        let framing = match length {
            Length::Known(length) => format!("Content-Length: {length}"),
            Length::Chunked => "Transfer-Encoding: chunked".to_owned(),
        };
        let mut head = format!(
            "HTTP/1.1 {} {}\r\nServer: simnode\r\nContent-Type: {}\r\n{framing}\r\n",
            self.status,
            reason(self.status),
            self.content_type
        );
        for (name, value) in &self.headers {
            // A line break in a value would start a header of its own.
            let value = value.replace(['\r', '\n'], " ");
            head.extend([name, ": ", &value, "\r\n"]);
        }
        if !keep_alive {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// Writes the whole answer; to `HEAD` only the head.
    pub(crate) async fn write<S>(&self, stream: &mut S, keep_alive: bool, with_body: bool) -> io::Result<()>
    where
        S: AsyncWrite + Unpin,
    {
        let mut head = self.head(Length::Known(self.body.len()), keep_alive);
        let body: &[u8] = if with_body { &self.body } else { &[] };
        if body.len() <= SMALL {
            head.extend_from_slice(body);
            stream.write_all(&head).await
        } else {
            stream.write_all(&head).await?;
            stream.write_all(body).await
        }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        404 => "Not Found",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Large",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        _ => "Status",
    }
}
