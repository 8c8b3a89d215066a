//! Reading request bodies: limited in size and time, one by one and all together.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::http::header::{CONTENT_LENGTH, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::responses::Refusal;

/// Bytes of a meeting's analytics: some thousand attendees.
const MAX_ANALYTICS: usize = 4 * 1024 * 1024;
/// Timeout for the next piece of a body.
const PIECE_TIMEOUT: Duration = Duration::from_secs(30);
/// Timeout for a whole body.
const BODY_TIMEOUT: Duration = Duration::from_mins(10);
/// Number of bytes read from a rejected body, so that the client gets to see the answer.
const DRAINED: usize = 64 * 1024;
/// Timeout for reading those.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);
/// Number of bytes that a permit of the budget stands for.
const UNIT: usize = 16 * 1024;

/// Maximum sizes, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// One body.
    pub body: usize,
    /// One form, whose sender is unknown until it is read.
    pub form: usize,
    /// All bodies together.
    pub budget: usize,
}

/// Limits the memory used by request bodies.
#[derive(Clone, Debug)]
pub struct Bodies {
    limits: BodyLimits,
    budget: Arc<Semaphore>,
}

impl Bodies {
    /// Applies these limits, but always has room for two of the largest bodies.
    pub fn new(limits: BodyLimits) -> Self {
        let units = limits.budget.max(2 * limits.body).div_ceil(UNIT).min(Semaphore::MAX_PERMITS);
        Self { limits, budget: Arc::new(Semaphore::new(units)) }
    }

    /// A form's body.
    pub(super) async fn form(&self, headers: &HeaderMap, body: HttpBody) -> Result<Bytes, Refusal> {
        self.read(headers, body, self.limits.body.min(self.limits.form)).await
    }

    /// What a node posts of an ended meeting, which is stored until the client has it.
    pub(super) async fn analytics(&self, headers: &HeaderMap, body: HttpBody) -> Result<Bytes, Refusal> {
        self.read(headers, body, self.limits.body.min(MAX_ANALYTICS)).await
    }

    /// Any other body.
    pub(super) async fn any(&self, headers: &HeaderMap, body: HttpBody) -> Result<Bytes, Refusal> {
        self.read(headers, body, self.limits.body).await
    }

    async fn read(&self, headers: &HeaderMap, mut body: HttpBody, limit: usize) -> Result<Bytes, Refusal> {
        let announced = headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > limit) {
            drain(body).await;
            return Err(StatusCode::PAYLOAD_TOO_LARGE.into());
        }
        let mut held = Held { bytes: Vec::new(), permits: None };
        if !held.grow(&self.budget, announced.unwrap_or(0)) {
            drain(body).await;
            return Err(Refusal::of(too_busy()));
        }
        let deadline = Instant::now() + BODY_TIMEOUT;
        loop {
            let next = timeout_at(deadline, timeout(PIECE_TIMEOUT, body.frame())).await;
            let frame = match next {
                Ok(Ok(Some(Ok(frame)))) => frame,
                Ok(Ok(None)) => return Ok(held.finish()),
                Ok(Ok(Some(Err(_)))) => return Err(StatusCode::BAD_REQUEST.into()),
                Ok(Err(_)) | Err(_) => return Err(StatusCode::REQUEST_TIMEOUT.into()),
            };
            let Ok(piece) = frame.into_data() else { continue };
            let size = held.bytes.len() + piece.len();
            if size > limit {
                drain(body).await;
                return Err(StatusCode::PAYLOAD_TOO_LARGE.into());
            }
            let room = held.bytes.capacity();
            if size > room && !held.grow(&self.budget, size.max(limit.min(2 * room))) {
                return Err(Refusal::of(too_busy()));
            }
            held.bytes.extend_from_slice(&piece);
        }
    }
}

/// Bytes with their share of the budget, which is released when the last reference is dropped.
struct Held {
    bytes: Vec<u8>,
    permits: Option<OwnedSemaphorePermit>,
}

impl Held {
    /// Allocates memory for `size` bytes, if the budget has that much left. Never waits, because bodies that
    /// wait for each other would deadlock.
    fn grow(&mut self, budget: &Arc<Semaphore>, size: usize) -> bool {
        let has = self.permits.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = u32::try_from(size.div_ceil(UNIT).saturating_sub(has)).unwrap_or(u32::MAX);
        if missing > 0 {
            let Ok(more) = Arc::clone(budget).try_acquire_many_owned(missing) else { return false };
            match &mut self.permits {
                Some(permits) => permits.merge(more),
                permits => *permits = Some(more),
            }
        }
        self.bytes.reserve_exact(size - self.bytes.len());
        true
    }

    fn finish(self) -> Bytes {
        if self.permits.is_none() { Bytes::new() } else { Bytes::from_owner(self) }
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn too_busy() -> Response {
    let wait = [(RETRY_AFTER, HeaderValue::from_static("5"))];
    (StatusCode::SERVICE_UNAVAILABLE, wait, "Too many large requests at a time. Please try again.\n")
        .into_response()
}

/// Reads the start of a body that is not needed. If a connection is closed with unread data, the client may
/// not receive the answer.
pub(super) async fn drain(mut body: HttpBody) {
    let mut drained = 0;
    let read = async {
        while let Some(Ok(frame)) = body.frame().await {
            drained += frame.data_ref().map_or(0, Bytes::len);
            if drained >= DRAINED {
                break;
            }
        }
    };
    // A timeout does not matter, since this is best effort.
    let _ = timeout(DRAIN_TIMEOUT, read).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bodies: &Bodies, body: &'static str) -> Result<Bytes, StatusCode> {
        bodies
            .any(&HeaderMap::new(), HttpBody::from(body))
            .await
            .map_err(|refusal| refusal.into_response().status())
    }

    #[tokio::test]
    async fn finding_10_bodies_share_a_budget() {
        let bodies = Bodies::new(BodyLimits { body: UNIT, form: UNIT, budget: 0 });
        let large: &'static str = "x".repeat(UNIT).leak();
        let first = read(&bodies, large).await.unwrap();
        let second = read(&bodies, large).await.unwrap();
        assert_eq!(read(&bodies, "one more").await, Err(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(read(&bodies, "").await.unwrap().len(), 0, "what is empty takes nothing");
        let part = first.slice(5..10);
        drop(first);
        assert_eq!(read(&bodies, "one more").await, Err(StatusCode::SERVICE_UNAVAILABLE), "a part is held");
        drop(part);
        assert_eq!(read(&bodies, "one more").await.unwrap(), "one more");
        drop(second);
        assert_eq!(read(&bodies, "x".repeat(UNIT + 1).leak()).await, Err(StatusCode::PAYLOAD_TOO_LARGE));
    }
}
