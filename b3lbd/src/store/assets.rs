//! Assets: the only large things in the database.

use rusqlite::{OptionalExtension, params};

use super::{ChangeError, Store, StoreError};
use crate::model::{AssetKind, AssetMeta, Catalog, TenantId};

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
    /// Stores assets of a tenant, replacing those of the same kinds.
    pub async fn set_assets(
        &self,
        tenant: TenantId,
        assets: Vec<NewAsset>,
    ) -> Result<((), Catalog), ChangeError> {
        self.change(move |db| {
            for NewAsset { kind, meta, content } in assets {
                db.execute(
                    "INSERT OR REPLACE INTO asset (tenant_id, kind, file_name, content_type, digest, content)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    params![tenant.0, kind.as_str(), meta.file_name, meta.content_type, meta.digest, content],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// Removes assets of a tenant.
    pub async fn remove_assets(
        &self,
        tenant: TenantId,
        kinds: Vec<AssetKind>,
    ) -> Result<((), Catalog), ChangeError> {
        self.change(move |db| {
            for kind in kinds {
                db.execute(
                    "DELETE FROM asset WHERE tenant_id = ?1 AND kind = ?2",
                    params![tenant.0, kind.as_str()],
                )?;
            }
            Ok(())
        })
        .await
    }

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
