//! What a replica reads: the copy of the primary's database, which litestream keeps changing in place.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::bindings::{find, load};
use super::{Store, StoreError, catalog, open};
use crate::model::{Binding, BindingId, Catalog};

/// How long to wait while litestream applies a change.
const BUSY: Duration = Duration::from_secs(2);

/// How far a copy is. Of two copies the later one has the greater mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// Epoch of the primary that wrote the last heartbeat.
    pub epoch: u64,
    /// Number of that heartbeat.
    pub beat: i64,
    /// Number of the last change of a binding.
    pub change: i64,
    /// Revision of the configuration.
    pub revision: u64,
}

/// A binding that has changed, or none if it is gone.
type ChangedBinding = (BindingId, Option<Binding>);

/// What has changed in a copy.
#[derive(Clone, Debug, Default)]
pub struct CopyChanges {
    /// How far the copy is.
    pub mark: Mark,
    /// The configuration, if it has changed.
    pub catalog: Option<Catalog>,
    /// The changed bindings, and those that are gone. Without `is_whole`, others are as before.
    pub bindings: Vec<ChangedBinding>,
    /// `bindings` are all there are.
    pub is_whole: bool,
}

impl Store {
    /// How far the database is.
    pub async fn mark(&self) -> Result<Mark, StoreError> {
        self.read(mark).await
    }

    /// What has changed in the copy since `known`; without it, everything. One short transaction, because
    /// litestream waits for readers.
    pub async fn changes_since(&self, known: Option<Mark>) -> Result<CopyChanges, StoreError> {
        self.read(move |db| {
            db.execute_batch("BEGIN")?;
            let changes = changes_since(db, known)?;
            db.execute_batch("COMMIT")?;
            Ok(changes)
        })
        .await
    }
}

/// Opens a copy for one read. It is no WAL database, whatever the original is.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    Ok(db)
}

/// Checks a copy that was just restored, and returns how far it is.
pub fn check_copy(path: &Path) -> Result<Mark, StoreError> {
    let db = connect(path)?;
    open::refuse_other_schema(&db)?;
    let found: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" { mark(&db) } else { Err(StoreError::Other(format!("the copy is damaged: {found}"))) }
}

fn mark(db: &Connection) -> Result<Mark, StoreError> {
    let sql = "SELECT coalesce((SELECT max(number) FROM meeting_change), 0), revision.number, epoch, beat
               FROM heartbeat, revision";
    Ok(db.query_row(sql, [], |row| {
        Ok(Mark {
            change: row.get(0)?,
            revision: row.get::<_, i64>(1)?.unsigned_abs(),
            epoch: row.get::<_, i64>(2)?.unsigned_abs(),
            beat: row.get(3)?,
        })
    })?)
}

fn changes_since(db: &Connection, known: Option<Mark>) -> Result<CopyChanges, StoreError> {
    let mark = mark(db)?;
    let is_newer = known.is_none_or(|known| known.revision != mark.revision || known.epoch != mark.epoch);
    let catalog = is_newer.then(|| catalog::load(db)).transpose()?;
    if let Some(known) = known
        && known.epoch == mark.epoch
        && let Some(bindings) = changed_bindings(db, known.change, mark.change)?
    {
        return Ok(CopyChanges { mark, catalog, bindings, is_whole: false });
    }
    let bindings = load(db)?.into_iter().map(|it| (it.id, Some(it))).collect();
    Ok(CopyChanges { mark, catalog, bindings, is_whole: true })
}

/// The bindings that have changed; none if the numbers of some of them are forgotten.
fn changed_bindings(
    db: &Connection,
    since: i64,
    last: i64,
) -> Result<Option<Vec<ChangedBinding>>, StoreError> {
    if since == last {
        return Ok(Some(Vec::new()));
    }
    let mut first = db.prepare("SELECT min(number) FROM meeting_change")?;
    let first: Option<i64> = first.query_row([], |row| row.get(0)).optional()?.flatten();
    if last < since || first.is_none_or(|first| first > since + 1) {
        return Ok(None);
    }
    let mut statement = db.prepare("SELECT DISTINCT meeting_id FROM meeting_change WHERE number > ?1")?;
    let ids = statement.query_map([since], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    let ids = ids.into_iter().map(BindingId);
    ids.map(|id| Ok((id, find(db, id)?))).collect::<Result<_, StoreError>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::primary::record_changes;

    fn database() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        open::migrate(&mut db).unwrap();
        db.pragma_update(None, "foreign_keys", "OFF").unwrap();
        record_changes(&db).unwrap();
        db
    }

    fn meeting(db: &Connection, id: i64, name: &str) {
        let sql = "INSERT INTO meeting (id, secret_id, meeting_id, node_id, phase, nonce, name, created_at)
                   VALUES (?1, 1, ?2, 1, 'creating', randomblob(32), ?2, 0)";
        db.execute(sql, rusqlite::params![id, name]).unwrap();
    }

    fn names(changes: &CopyChanges) -> Vec<(i64, Option<String>)> {
        let name = |(id, binding): &ChangedBinding| (id.0, binding.as_ref().map(|it| it.name.clone()));
        changes.bindings.iter().map(name).collect()
    }

    #[test]
    fn only_what_has_changed_is_read() {
        let db = database();
        for id in 1..=3 {
            meeting(&db, id, &format!("m{id}"));
        }
        let all = changes_since(&db, None).unwrap();
        assert!(all.is_whole && all.catalog.is_some());
        assert_eq!(all.bindings.len(), 3);
        assert_eq!(names(&changes_since(&db, Some(all.mark)).unwrap()), []);

        db.execute_batch("DELETE FROM meeting WHERE id = 2; UPDATE meeting SET name = 'new' WHERE id = 3")
            .unwrap();
        meeting(&db, 4, "m4");
        let some = changes_since(&db, Some(all.mark)).unwrap();
        assert!(!some.is_whole && some.catalog.is_none());
        let expected = [(2, None), (3, Some("new".to_owned())), (4, Some("m4".to_owned()))];
        assert_eq!(names(&some), expected);

        db.execute_batch("UPDATE revision SET number = number + 1").unwrap();
        assert!(changes_since(&db, Some(some.mark)).unwrap().catalog.is_some());
    }

    #[test]
    fn everything_is_read_if_changes_were_forgotten_or_the_epoch_is_another() {
        let db = database();
        meeting(&db, 1, "m1");
        let all = changes_since(&db, None).unwrap();
        meeting(&db, 2, "m2");
        meeting(&db, 3, "m3");
        db.execute_batch(
            "DELETE FROM meeting_change WHERE number < (SELECT max(number) FROM meeting_change)",
        )
        .unwrap();
        assert!(changes_since(&db, Some(all.mark)).unwrap().is_whole);

        let now = changes_since(&db, None).unwrap().mark;
        db.execute_batch("UPDATE heartbeat SET epoch = 7").unwrap();
        let other = changes_since(&db, Some(now)).unwrap();
        assert!(other.is_whole && other.catalog.is_some() && other.mark.epoch == 7);

        // A daemon that did not number changes for a while.
        db.execute_batch(
            "DROP TRIGGER meeting_inserted; DROP TRIGGER meeting_updated; DROP TRIGGER meeting_deleted;",
        )
        .unwrap();
        meeting(&db, 4, "m4");
        assert_eq!(changes_since(&db, Some(other.mark)).unwrap().bindings.len(), 0);
        record_changes(&db).unwrap();
        assert_eq!(changes_since(&db, Some(other.mark)).unwrap().bindings.len(), 4);
    }
}
