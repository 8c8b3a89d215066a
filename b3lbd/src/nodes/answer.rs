//! What comes back from a node.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::bbb::{is_json, is_response};

/// A node's answer: all of it that ever goes on to a client.
#[derive(Clone, Debug)]
pub struct NodeAnswer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, if it says one.
    pub content_type: Option<String>,
    /// The body.
    pub body: Bytes,
    /// `Set-Cookie`, which only a `join` without a redirect hands on.
    pub cookies: Vec<String>,
}

impl NodeAnswer {
    /// The answer if it is BBB's, for a client. The page of a web server in front of BBB is none.
    pub fn of_bbb(self) -> Result<Self, NodeError> {
        if self.has_body_status() && is_response(&self.body) {
            Ok(self)
        } else {
            Err(NodeError::NotBbb(self.status))
        }
    }

    /// The same for a call that may be answered in JSON.
    pub fn of_bbb_or_json(self) -> Result<Self, NodeError> {
        if self.has_body_status() && is_json(&self.body) { Ok(self) } else { self.of_bbb() }
    }

    /// Whether HTTP lets a body be sent with its status: a client would wait for more after a 1xx, some statuses have
    /// none, and no server may send what is above 599.
    fn has_body_status(&self) -> bool {
        (200..600).contains(&self.status) && !matches!(self.status, 204 | 205 | 304)
    }
}

/// Why there is no answer. The texts hold no URL, and so no checksum.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NodeError {
    /// No connection: the request did not reach the node.
    #[error("no connection: {0}")]
    Refused(String),
    /// The request could not even be sent: its URL is longer than HTTP clients take.
    #[error("the request is too long")]
    TooLong,
    /// Not in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The answer breaks off, or is no HTTP.
    #[error("the answer breaks off: {0}")]
    Broken(String),
    /// An answer, but not BBB's.
    #[error("the answer is not BigBlueButton's (HTTP status {0})")]
    NotBbb(u16),
    /// The answer is larger than any that BBB gives.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

impl NodeError {
    /// The innermost cause in words, without the URL.
    pub(super) fn of(error: reqwest::Error, timeout: Duration) -> Self {
        if error.is_builder() {
            return Self::TooLong;
        }
        if error.is_timeout() && !error.is_connect() {
            return Self::Timeout(timeout);
        }
        let refused = error.is_connect();
        let error = error.without_url();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let cause = cause.to_string();
        if refused { Self::Refused(cause) } else { Self::Broken(cause) }
    }
}

/// Reads a body up to `limit` bytes.
pub(super) async fn read_body(
    mut response: reqwest::Response,
    limit: usize,
    timeout: Duration,
) -> Result<Bytes, NodeError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(NodeError::TooLarge(limit));
    }
    let mut body = BytesMut::with_capacity(usize::try_from(announced).unwrap_or(0));
    while let Some(chunk) = response.chunk().await.map_err(|error| NodeError::of(error, timeout))? {
        if body.len() + chunk.len() > limit {
            return Err(NodeError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
