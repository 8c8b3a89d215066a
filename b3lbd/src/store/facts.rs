//! What was found out about nodes, kept over restarts.

use rusqlite::params;

use super::{Store, StoreError};
use crate::model::NodeId;

impl Store {
    /// The nodes for which support of internal ids is known.
    pub async fn internal_ids(&self) -> Result<Vec<(NodeId, bool)>, StoreError> {
        self.read(|db| {
            let mut statement = db.prepare("SELECT node_id, internal_ids FROM node_fact")?;
            let rows = statement.query_map([], |row| Ok((NodeId(row.get(0)?), row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Stores whether a node supports internal ids.
    pub async fn set_internal_ids(&self, node: NodeId, known: bool) -> Result<(), StoreError> {
        self.write(move |db| {
            // The node may have been removed meanwhile.
            let sql = "INSERT OR REPLACE INTO node_fact (node_id, internal_ids)
                           SELECT id, ?2 FROM node WHERE id = ?1";
            db.prepare_cached(sql)?.execute(params![node.0, known])?;
            Ok(())
        })
        .await
    }
}
