//! Assets: the only large things in the database.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};
use crate::model::{AssetKind, AssetMeta, TenantId};

/// An asset to be stored.
#[derive(Clone, Debug)]
pub struct NewAsset {
    /// Which.
    pub kind: AssetKind,
    /// All but the content.
    pub meta: AssetMeta,
    /// The content.
    pub content: Vec<u8>,
}

/// The content of a stored asset.
#[derive(Clone, Debug)]
pub struct AssetContent {
    /// Content type.
    pub content_type: String,
    /// Hex SHA-256 of the content.
    pub digest: String,
    /// The content.
    pub content: Vec<u8>,
}

impl Store {
    /// The content of a tenant's asset.
    pub async fn asset(&self, tenant: TenantId, kind: AssetKind) -> Result<Option<AssetContent>, StoreError> {
        self.read(move |db| {
            let sql = "SELECT content_type, digest, content FROM asset WHERE tenant_id = ?1 AND kind = ?2";
            let read = |row: &rusqlite::Row<'_>| {
                Ok(AssetContent { content_type: row.get(0)?, digest: row.get(1)?, content: row.get(2)? })
            };
            Ok(db.prepare_cached(sql)?.query_row(params![tenant.0, kind.as_str()], read).optional()?)
        })
        .await
    }
}
