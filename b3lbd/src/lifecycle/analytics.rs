//! What people did in a meeting: told by its node after the end, signed with a secret that no client knows, and handed
//! on to the client under its own.

use super::Core;
use crate::bbb::verify_token;
use crate::model::{Analytics, Nonce};
use crate::store::StoreError;

/// Why what was posted is not handed on.
#[derive(Debug, thiserror::Error)]
pub enum AnalyticsError {
    /// No meeting of that nonce is awaited.
    #[error("nobody waits for it")]
    Unawaited,
    /// The token is not signed with the secret of the meeting's node, or is out of date.
    #[error("the token is not that of the meeting's node")]
    Unsigned,
    /// It is no JSON.
    #[error("it is not JSON")]
    NotJson,
    /// The database does not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Core {
    /// Whose the analytics are that a node tells by this nonce, if its token is right.
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
        Ok((awaited, algorithm.name()))
    }

    /// Hands on what a node has told.
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
