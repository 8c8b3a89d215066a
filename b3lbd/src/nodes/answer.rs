//! The answers of nodes.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::bbb::{is_json, is_response};

/// A node's answer, reduced to what may be passed on to a client.
#[derive(Clone, Debug)]
pub struct NodeAnswer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, if present.
    pub content_type: Option<String>,
    /// The body.
    pub body: Bytes,
    /// `Set-Cookie`, which is only passed on for a `join` without a redirect.
    pub cookies: Vec<String>,
}

impl NodeAnswer {
    /// Checks that the answer comes from BBB, and not from a web server in front of it.
    pub fn of_bbb(self) -> Result<Self, NodeError> {
        if self.has_body_status() && is_response(&self.body) {
            Ok(self)
        } else {
            Err(NodeError::NotBbb(self.status))
        }
    }

    /// Like [`Self::of_bbb`], for a call that may be answered in JSON.
    pub fn of_bbb_or_json(self) -> Result<Self, NodeError> {
        if self.has_body_status() && is_json(&self.body) { Ok(self) } else { self.of_bbb() }
    }

    /// Whether HTTP allows a response with this status to have a body: after a 1xx status a client waits for
    /// another one, some statuses have no body, and statuses above 599 are invalid.
    fn has_body_status(&self) -> bool {
        (200..600).contains(&self.status) && !matches!(self.status, 204 | 205 | 304)
    }
}

/// Why there is no answer. The texts contain no URL, and therefore no checksum.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NodeError {
    /// No connection, so the request did not reach the node.
    #[error("no connection: {0}")]
    Refused(String),
    /// The request could not be sent, because its URL is too long for HTTP clients.
    #[error("the request is too long")]
    TooLong,
    /// The node did not answer in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The answer is incomplete, or not HTTP.
    #[error("the answer breaks off: {0}")]
    Broken(String),
    /// The answer is not from BBB.
    #[error("the answer is not BigBlueButton's (HTTP status {0})")]
    NotBbb(u16),
    /// The answer is larger than any answer of BBB.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

impl NodeError {
    /// Describes the innermost cause, without the URL.
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

/// Reads a body of up to `limit` bytes.
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
