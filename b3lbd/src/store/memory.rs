//! The bindings in a database in memory, by the very SQL of the real one but without files and threads: for the
//! model test of the lifecycle.

use parking_lot::Mutex;
use rusqlite::Connection;

use super::{StoreError, bindings, open};
use crate::model::{Binding, Step};

/// A database that ends with its handle.
#[derive(Debug)]
pub struct MemoryStore {
    db: Mutex<Connection>,
}

impl MemoryStore {
    /// An empty database. What bindings refer to need not be there.
    pub fn new() -> Result<Self, StoreError> {
        let mut db = Connection::open_in_memory()?;
        open::migrate(&mut db).map_err(|error| StoreError::Other(error.to_string()))?;
        db.pragma_update(None, "foreign_keys", "OFF")?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(Self { db: Mutex::new(db) })
    }

    /// Makes a step durable, as [`super::Store::apply`] does.
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

    /// The client URLs that wait to be called, in the order in which they were queued.
    pub fn callbacks(&self) -> Result<Vec<String>, StoreError> {
        let db = self.db.lock();
        let mut statement = db.prepare_cached("SELECT url FROM callback ORDER BY id")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets everything.
    pub fn clear(&self) -> Result<(), StoreError> {
        Ok(self.db.lock().execute_batch("DELETE FROM meeting; DELETE FROM callback;")?)
    }
}
