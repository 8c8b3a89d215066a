//! Assets, the only large values in the database. Requested ones are cached in memory for a while and shared.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use rusqlite::{OptionalExtension, params};
use tokio::sync::Semaphore;

use super::{Store, StoreError};
use crate::model::{AssetKind, AssetMeta, TenantId};

/// Maximum size of the cache, in bytes.
const KEPT: usize = 96 * 1024 * 1024;
/// Maximum number of assets read concurrently, so that enough read connections are left.
const READ_AT_ONCE: usize = 2;

/// An asset to be stored.
#[derive(Clone, Debug)]
pub struct NewAsset {
    /// The kind of asset.
    pub kind: AssetKind,
    /// Metadata of the asset.
    pub meta: AssetMeta,
    /// The content.
    pub content: Vec<u8>,
}

/// The content of a stored asset.
#[derive(Debug)]
pub struct AssetContent {
    /// Content type.
    pub content_type: String,
    /// Hex SHA-256 of the content.
    pub digest: String,
    /// The content.
    pub content: Bytes,
}

/// A cache of recently requested assets.
#[derive(Debug)]
pub(super) struct Assets {
    /// The most recently requested asset comes last.
    kept: Mutex<Vec<(TenantId, AssetKind, Arc<AssetContent>)>>,
    reading: Semaphore,
}

impl Default for Assets {
    fn default() -> Self {
        Self { kept: Mutex::default(), reading: Semaphore::new(READ_AT_ONCE) }
    }
}

impl Assets {
    fn get(&self, tenant: TenantId, kind: AssetKind, digest: &str) -> Option<Arc<AssetContent>> {
        let mut kept = self.kept.lock();
        let place =
            kept.iter().position(|(of, which, it)| (*of, *which) == (tenant, kind) && it.digest == digest)?;
        let found = kept.remove(place);
        let content = Arc::clone(&found.2);
        kept.push(found);
        Some(content)
    }

    fn put(&self, tenant: TenantId, kind: AssetKind, asset: &Arc<AssetContent>) {
        let mut kept = self.kept.lock();
        kept.retain(|(of, which, _)| (*of, *which) != (tenant, kind));
        kept.push((tenant, kind, Arc::clone(asset)));
        let mut size: usize = kept.iter().map(|(.., it)| it.content.len()).sum();
        while size > KEPT {
            size -= kept.remove(0).2.content.len();
        }
    }
}

impl Store {
    /// The content of a tenant's asset, which has this digest according to the configuration.
    pub async fn asset(
        &self,
        tenant: TenantId,
        kind: AssetKind,
        digest: &str,
    ) -> Result<Option<Arc<AssetContent>>, StoreError> {
        if let Some(asset) = self.assets.get(tenant, kind, digest) {
            return Ok(Some(asset));
        }
        let _permit = self.assets.reading.acquire().await;
        // The previous holder of the permit may have loaded it.
        if let Some(asset) = self.assets.get(tenant, kind, digest) {
            return Ok(Some(asset));
        }
        let found = self.read_asset(tenant, kind).await?.map(Arc::new);
        if let Some(asset) = &found {
            self.assets.put(tenant, kind, asset);
        }
        Ok(found)
    }

    async fn read_asset(
        &self,
        tenant: TenantId,
        kind: AssetKind,
    ) -> Result<Option<AssetContent>, StoreError> {
        self.read(move |db| {
            let sql = "SELECT content_type, digest, content FROM asset WHERE tenant_id = ?1 AND kind = ?2";
            let read = |row: &rusqlite::Row<'_>| {
                let content = Bytes::from(row.get::<_, Vec<u8>>(2)?);
                Ok(AssetContent { content_type: row.get(0)?, digest: row.get(1)?, content })
            };
            Ok(db.prepare_cached(sql)?.query_row(params![tenant.0, kind.as_str()], read).optional()?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_11_assets_are_kept_once_and_not_without_end() {
        let assets = Assets::default();
        let asset = |digest: &str, size: usize| {
            let content = Bytes::from(vec![0; size]);
            Arc::new(AssetContent { content_type: String::new(), digest: digest.to_owned(), content })
        };
        for tenant in 1..=4 {
            assets.put(TenantId(tenant), AssetKind::Slide, &asset("a", 30 * 1024 * 1024));
            assert!(
                assets.get(TenantId(1), AssetKind::Slide, "a").is_some(),
                "the one that is asked for stays"
            );
        }
        let kept = |tenant, digest| assets.get(TenantId(tenant), AssetKind::Slide, digest).is_some();
        assert_eq!([2, 3, 4].map(|tenant| kept(tenant, "a")), [false, true, true]);
        assert!(!kept(4, "b"), "a newer one");
        assets.put(TenantId(4), AssetKind::Slide, &asset("b", 1));
        assert!(kept(4, "b") && !kept(4, "a"));
    }
}
