//! An in-memory database of bindings, for the model test of the lifecycle. Uses the same SQL as the real one,
//! but neither files nor threads.

use parking_lot::Mutex;
use rusqlite::Connection;

use super::{StoreError, bindings, open};
use crate::model::{Binding, Step};

/// A database that lives as long as this handle.
#[derive(Debug)]
pub struct MemoryStore {
    db: Mutex<Connection>,
}

impl MemoryStore {
    /// An empty database. Does not enforce foreign keys.
    pub fn new() -> Result<Self, StoreError> {
        let mut db = Connection::open_in_memory()?;
        open::migrate(&mut db).map_err(|error| StoreError::Other(error.to_string()))?;
        db.pragma_update(None, "foreign_keys", "OFF")?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(Self { db: Mutex::new(db) })
    }

    /// Applies a step, like [`super::Store::apply`].
    pub fn apply(&self, step: &Step, now: i64) -> Result<bool, StoreError> {
        let mut db = self.db.lock();
        let transaction = db.transaction()?;
        let applied = bindings::apply(&transaction, step, now)?;
        transaction.commit()?;
        Ok(applied)
    }

    /// All bindings, oldest first.
    pub fn bindings(&self) -> Result<Vec<Binding>, StoreError> {
        bindings::load(&self.db.lock())
    }

    /// Client URLs of the queued callbacks, in order.
    pub fn callbacks(&self) -> Result<Vec<String>, StoreError> {
        let db = self.db.lock();
        let mut statement = db.prepare_cached("SELECT url FROM callback ORDER BY id")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Deletes everything.
    pub fn clear(&self) -> Result<(), StoreError> {
        Ok(self.db.lock().execute_batch("DELETE FROM meeting; DELETE FROM callback;")?)
    }
}
