//! Calls a node makes when a meeting has ended.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::MeetingState;
use crate::analytics::Analytics;

/// Results kept; the oldest are dropped first.
const MOST: usize = 20_000;
/// More than this is not read of an answer's head.
const MOST_HEAD: usize = 64 << 10;

/// Which of a meeting's callbacks it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackKind {
    /// `meetingEndedURL`, called as it was given.
    MeetingEnded,
    /// `meta_endCallbackUrl`, with two parameters added.
    EndCallback,
    /// `meta_analytics-callback-url`, by POST.
    Analytics,
}

/// How a callback went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackResult {
    /// Id of the meeting that ended.
    pub meeting: String,
    /// Which callback.
    pub kind: CallbackKind,
    /// The URL that was called.
    pub url: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// What went wrong, if there was no answer.
    pub error: Option<String>,
}

/// The newest results.
#[derive(Default)]
pub(crate) struct Callbacks(Mutex<VecDeque<CallbackResult>>);

impl Callbacks {
    pub(crate) fn all(&self) -> Vec<CallbackResult> {
        self.0.lock().iter().cloned().collect()
    }

    pub(crate) fn note(&self, result: CallbackResult) {
        let mut results = self.0.lock();
        if results.len() == MOST {
            results.pop_front();
        }
        results.push_back(result);
    }
}

/// A callback to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Callback {
    pub(crate) kind: CallbackKind,
    pub(crate) url: String,
    /// Token and body of a POST.
    pub(crate) post: Option<(String, String)>,
}

impl Callback {
    fn get(kind: CallbackKind, url: String) -> Self {
        Self { kind, url, post: None }
    }
}

impl From<Analytics> for Callback {
    fn from(Analytics { url, token, body }: Analytics) -> Self {
        Self { kind: CallbackKind::Analytics, url, post: Some((token, body)) }
    }
}

/// The callbacks that a meeting's end leads to. Breakout rooms have no end callbacks.
pub(crate) fn due(meeting: &MeetingState, secret: &str) -> Vec<Callback> {
    let mut due: Vec<Callback> = Analytics::due(meeting, secret).map(Callback::from).into_iter().collect();
    if meeting.breakout.is_some() {
        return due;
    }
    if let Some(url) = meeting.meta("endcallbackurl").filter(|url| !url.is_empty()) {
        let separator = if url.contains('?') { '&' } else { '?' };
        let id: String = form_urlencoded::byte_serialize(meeting.id.as_bytes()).collect();
        let url = format!("{url}{separator}recordingmarks=false&meetingID={id}");
        due.push(Callback::get(CallbackKind::EndCallback, url));
    }
    if let Some(url) = meeting.param("meetingEndedURL").filter(|url| !url.is_empty()) {
        due.push(Callback::get(CallbackKind::MeetingEnded, url.to_owned()));
    }
    due
}

/// Makes a callback.
pub(crate) async fn call(meeting: String, callback: Callback, timeout: Duration) -> CallbackResult {
    let (status, error) = match tokio::time::timeout(timeout, send(&callback)).await {
        Ok(Ok(status)) => (Some(status), None),
        Ok(Err(error)) => (None, Some(error)),
        Err(_) => (None, Some("timed out".to_owned())),
    };
    let Callback { kind, url, .. } = callback;
    CallbackResult { meeting, kind, url, status, error }
}

async fn send(callback: &Callback) -> Result<u16, String> {
    let url = callback.url.as_str();
    if url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://")) {
        let client = reqwest::Client::new();
        let request = match &callback.post {
            None => client.get(url),
            Some((token, body)) => client
                .post(url)
                .bearer_auth(token)
                .header("Content-Type", "application/json")
                .body(body.clone()),
        };
        let answer = request.send().await.map_err(|error| error.to_string())?;
        return Ok(answer.status().as_u16());
    }
    let target = Target::of(url)?;
    send_plain(&target, callback.post.as_ref()).await.map_err(|error| error.to_string())
}

async fn send_plain(target: &Target<'_>, post: Option<&(String, String)>) -> io::Result<u16> {
    let mut stream = TcpStream::connect((target.connect_host(), target.port)).await?;
    let (path, host) = (&target.path, target.authority);
    let common = format!("{path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nConnection: close\r\n");
    let request = match post {
        None => format!("GET {common}User-Agent: simnode\r\n\r\n"),
        Some((token, body)) => format!(
            "POST {common}User-Agent: BigBlueButton Analytics Callback\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    };
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(1024);
    while answer.len() < MOST_HEAD && !answer.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut answer).await? == 0 {
            break;
        }
    }
    let head = String::from_utf8_lossy(&answer);
    let status = head.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
    status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is no HTTP"))
}

/// A plain HTTP URL in parts. An own parser because libraries normalise what the request
/// must show unchanged.
#[derive(Debug, PartialEq, Eq)]
struct Target<'a> {
    authority: &'a str,
    host: &'a str,
    port: u16,
    path: String,
}

impl<'a> Target<'a> {
    fn of(url: &'a str) -> Result<Self, String> {
        if url.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return Err("illegal character in the URL".to_owned());
        }
        let rest = match url.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("http://") => &url[7..],
            _ => return Err("not an HTTP URL".to_owned()),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = rest[..end].rsplit('@').next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| "no valid port".to_owned())?)
            }
            _ => (authority, 80),
        };
        if host.is_empty() {
            return Err("no host".to_owned());
        }
        let path = rest[end..].split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { authority, host, port, path })
    }

    /// Names below `localhost` are this machine, whatever the resolver thinks of them.
    fn connect_host(&self) -> &str {
        let host = self.host.trim_end_matches('.').to_ascii_lowercase();
        if host == "localhost" || host.ends_with(".localhost") {
            return "127.0.0.1";
        }
        self.host.trim_start_matches('[').trim_end_matches(']')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_not_touched() {
        let target = Target::of("http://u@a.localhost:81/b|c?nonce=%7e{x}\"&d=ä#f").unwrap();
        assert_eq!(
            (target.authority, target.connect_host(), target.port),
            ("a.localhost:81", "127.0.0.1", 81)
        );
        assert_eq!(target.path, "/b|c?nonce=%7e{x}\"&d=ä");
        let target = Target::of("HTTP://[::1]?x").unwrap();
        assert_eq!((target.connect_host(), target.port, target.path.as_str()), ("::1", 80, "/?x"));
        for bad in ["ftp://a/", "http://", "http://a:x/", "http://a/b c", "ä"] {
            assert!(Target::of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn parameters_are_added_to_the_end_callback_only() {
        let mut meeting = MeetingState { id: "a b/ä".to_owned(), ..MeetingState::default() };
        assert!(due(&meeting, "s").is_empty());
        meeting.params = vec![("meetingEndedURL".to_owned(), "http://x/?n=%2b".to_owned())];
        meeting.metadata = vec![("endcallbackurl".to_owned(), "http://y/".to_owned())];
        let expected = "http://y/?recordingmarks=false&meetingID=a+b%2F%C3%A4";
        assert_eq!(
            due(&meeting, "s"),
            [
                Callback::get(CallbackKind::EndCallback, expected.to_owned()),
                Callback::get(CallbackKind::MeetingEnded, "http://x/?n=%2b".to_owned())
            ]
        );
        meeting.metadata[0].1 = "http://y/?a=b".to_owned();
        assert!(due(&meeting, "s")[0].url.starts_with("http://y/?a=b&recordingmarks=false&"));
    }
}
