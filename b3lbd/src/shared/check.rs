//! Whether a store honours the condition of a write: some ignore it silently.

use super::{Backend, SharedError, SharedStore, Version, Written, in_time};

/// A version that no object has.
const WRONG: &str = "\"00000000000000000000000000000000\"";

impl SharedStore {
    /// Tries what claims and lease depend on, with an object that it removes again.
    pub async fn check(&self) -> Result<(), SharedError> {
        self.list("claims").await?;
        let name = format!("check/{:032x}", rand::random::<u128>());
        let result = self.try_conditions(&name).await;
        match &self.backend {
            Backend::Bucket(it) => it.remove(&name).await,
            Backend::Folder(it) => it.remove(&name).await,
        }
        result
    }

    async fn try_conditions(&self, name: &str) -> Result<(), SharedError> {
        let both =
            futures::future::try_join(self.create(name, b"one".to_vec()), self.create(name, b"two".to_vec()));
        let (first, second) = both.await?;
        let mut written = [first, second].iter().filter(|it| **it == Written::Yes).count();
        // A store may refuse both of two that come at the same moment.
        if written == 0 {
            written += usize::from(self.create(name, b"three".to_vec()).await? == Written::Yes);
        }
        if written != 1 {
            return Err(SharedError::Unconditional("two of two creations of one object succeeded"));
        }
        if self.create(name, b"four".to_vec()).await? == Written::Yes {
            return Err(SharedError::Unconditional("an object was created although it existed"));
        }
        let Backend::Bucket(bucket) = &self.backend else { return Ok(()) };
        let wrong = Some(Version::ETag(WRONG.to_owned()));
        if in_time(bucket.replace(name, wrong, b"five".to_vec())).await? == Written::Yes {
            return Err(SharedError::Unconditional("an object was replaced although it was another version"));
        }
        let (_, version) = in_time(bucket.read(name))
            .await?
            .ok_or_else(|| SharedError::Other("an object that was just written is not there".to_owned()))?;
        if in_time(bucket.replace(name, Some(version), b"six".to_vec())).await? == Written::Refused {
            return Err(SharedError::Unconditional("an object could not be replaced by its version"));
        }
        Ok(())
    }
}
