//! Learning analytics of a meeting. The node posts them after the end, signed with a secret that no client
//! knows; they are forwarded to the client, signed with the client's own secret.

use super::Core;
use crate::bbb::verify_token;
use crate::model::{Analytics, Nonce};
use crate::store::StoreError;

/// Why a post is not forwarded.
#[derive(Debug, thiserror::Error)]
pub enum AnalyticsError {
    /// No meeting with this nonce expects analytics.
    #[error("it is not expected")]
    Unawaited,
    /// The token is not signed with the secret of the meeting's node, or has expired.
    #[error("the token was not signed by the meeting's node")]
    Unsigned,
    /// It is not JSON.
    #[error("it is not JSON")]
    NotJson,
    /// The database did not accept it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Core {
    /// The destination of the analytics with this nonce, if the token is valid.
    pub async fn analytics_of(
        &self,
        nonce: Nonce,
        token: &str,
    ) -> Result<(Analytics, &'static str), AnalyticsError> {
        let bound = self.pool.registry.by_nonce(&nonce);
        let bound = bound.and_then(|it| it.binding.analytics().into_iter().find(|it| it.nonce == nonce));
        let awaited = match bound {
            Some(awaited) => awaited,
            None => self.store.analytics(nonce).await?.ok_or(AnalyticsError::Unawaited)?,
        };
        let node = self.pool.node(awaited.node).ok_or(AnalyticsError::Unawaited)?;
        let now = self.pool.clock.wall_ms() / 1000;
        let algorithm = verify_token(token, node.secret.reveal(), now).ok_or(AnalyticsError::Unsigned)?;
        Ok((awaited, algorithm.as_str()))
    }

    /// Forwards a node's post.
    pub async fn hand_on_analytics(
        &self,
        (awaited, algorithm): (Analytics, &'static str),
        json: Vec<u8>,
    ) -> Result<(), AnalyticsError> {
        if serde_json::from_slice::<serde::de::IgnoredAny>(&json).is_err() {
            return Err(AnalyticsError::NotJson);
        }
        self.store.queue_analytics(awaited, json, algorithm, self.pool.clock.wall_ms()).await?;
        self.callback_queued.notify_one();
        Ok(())
    }
}
