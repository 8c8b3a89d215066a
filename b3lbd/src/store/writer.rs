//! The writer thread. Pending writes are committed together, so that they share an fsync.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::Histogram;
use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::files::Files;
use super::{OpenError, StoreError};

/// Capacity of the queue; further callers wait.
const QUEUE: usize = 4096;
/// Maximum number of writes in one transaction, so that none waits too long for the others.
const BATCH: usize = 512;

/// A write within a batch: it runs first, and is told about the commit later.
trait Job: Send {
    /// Runs the write; returns false if it must be rolled back.
    fn run(&mut self, db: &Connection) -> bool;
    /// Answers the caller; `fate` is an error if the batch could not be committed.
    fn finish(self: Box<Self>, fate: Result<(), StoreError>);
}

struct Work<F, T, E> {
    todo: Option<F>,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Work<F, T, E>
where
    F: FnOnce(&Connection) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, db: &Connection) -> bool {
        let Some(work) = self.todo.take() else { return false };
        let result = catch_unwind(AssertUnwindSafe(|| work(db)))
            .unwrap_or_else(|_| Err(StoreError::Other("a write panicked".to_owned()).into()));
        let good = result.is_ok();
        self.result = Some(result);
        good
    }

    fn finish(self: Box<Self>, fate: Result<(), StoreError>) {
        let lost = || Err(StoreError::Closed.into());
        let result = match (fate, self.result) {
            // An error of the write itself is more specific than the outcome of its batch.
            (_, Some(Err(error))) => Err(error),
            (Err(error), _) => Err(error.into()),
            (Ok(()), result) => result.unwrap_or_else(lost),
        };
        // If the caller is gone, the write still counts.
        let _ = self.reply.send(result);
    }
}

enum Message {
    Write(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// A handle of the writer thread.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    last_error: Arc<Mutex<Option<String>>>,
}

impl Writer {
    /// Starts the thread, which takes over the connection. Before each commit, it checks that the `files` are
    /// still in place.
    pub(super) fn start(
        connection: Connection,
        files: Option<Arc<Files>>,
        commits: Histogram,
    ) -> Result<Self, OpenError> {
        let (queue, messages) = mpsc::channel(QUEUE);
        let last_error = Arc::new(Mutex::new(None));
        let shared = Arc::clone(&last_error);
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write_all(&connection, files.as_deref(), messages, &shared, &commits))
            .map_err(|error| OpenError::Other(error.to_string()))?;
        Ok(Self { queue, last_error })
    }

    /// Runs `work` in the next transaction and returns its result after the commit.
    pub(super) async fn run<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Work { todo: Some(work), result: None, reply });
        self.queue.send(Message::Write(job)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Whether the thread has ended.
    pub(super) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// The last write error, unless a later write succeeded; or that the thread has ended.
    pub(super) fn last_error(&self) -> Option<String> {
        if self.queue.is_closed() {
            return Some("the writer thread has ended".to_owned());
        }
        self.last_error.lock().clone()
    }

    /// Finishes pending writes and ends the thread.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

fn write_all(
    db: &Connection,
    files: Option<&Files>,
    mut messages: mpsc::Receiver<Message>,
    last_error: &Mutex<Option<String>>,
    commits: &Histogram,
) {
    while let Some(first) = messages.blocking_recv() {
        let mut batch = Vec::new();
        let mut closing = None;
        let mut next = Some(first);
        while let Some(message) = next.take() {
            match message {
                Message::Write(job) => batch.push(job),
                Message::Close(done) => closing = Some(done),
            }
            if batch.len() < BATCH && closing.is_none() {
                next = messages.try_recv().ok();
            }
        }
        if !batch.is_empty() {
            let begun = Instant::now();
            let fate = files.map_or(Ok(()), Files::check).and_then(|()| commit(db, &mut batch));
            commits.record(begun.elapsed());
            note(last_error, &fate);
            for job in batch {
                job.finish(fate.clone());
            }
        }
        if let Some(done) = closing {
            messages.close();
            // litestream may be reading, and a stop does not wait for it: the log is kept then.
            let shortened = db
                .busy_timeout(Duration::ZERO)
                .and_then(|()| db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
            if let Err(error) = shortened {
                tracing::warn!(%error, "the write-ahead log could not be checkpointed");
            }
            let _ = done.send(());
            return;
        }
    }
}

/// Runs all jobs in one transaction, each in its own savepoint.
fn commit(db: &Connection, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    db.execute_batch("BEGIN IMMEDIATE")?;
    let mut lost = None;
    for job in batch {
        if let Err(error) = run_in_savepoint(db, job.as_mut()) {
            lost = Some(error);
            break;
        }
    }
    let fate = match lost {
        Some(error) => Err(error),
        None => db.execute_batch("COMMIT").map_err(StoreError::from),
    };
    if fate.is_err() && !db.is_autocommit() {
        db.execute_batch("ROLLBACK")?;
    }
    fate
}

/// An error means that the whole transaction is lost, for example because the disk is full.
fn run_in_savepoint(db: &Connection, job: &mut dyn Job) -> Result<(), StoreError> {
    db.execute_batch("SAVEPOINT job")?;
    let good = job.run(db);
    if db.is_autocommit() {
        return Err(StoreError::Other("the transaction was rolled back".to_owned()));
    }
    if !good {
        db.execute_batch("ROLLBACK TO job")?;
    }
    Ok(db.execute_batch("RELEASE job")?)
}

fn note(last_error: &Mutex<Option<String>>, fate: &Result<(), StoreError>) {
    let mut last_error = last_error.lock();
    match fate {
        Ok(()) => {
            if last_error.take().is_some() {
                tracing::info!("the database takes writes again");
            }
        }
        Err(error) => {
            if last_error.replace(error.to_string()).is_none() {
                tracing::error!(%error, "the database takes no writes");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer() -> Writer {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE t (x INTEGER UNIQUE) STRICT").unwrap();
        Writer::start(db, None, Histogram::noop()).unwrap()
    }

    fn insert(x: i64) -> impl FnOnce(&Connection) -> Result<usize, StoreError> {
        move |db| Ok(db.execute("INSERT INTO t VALUES (?1)", [x])?)
    }

    async fn count(writer: &Writer) -> i64 {
        let count = |db: &Connection| {
            Ok::<_, StoreError>(db.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?)
        };
        writer.run(count).await.unwrap()
    }

    #[tokio::test]
    async fn one_failing_write_leaves_its_neighbours_alone() {
        let writer = writer();
        let writes = futures::future::join_all([1, 2, 1, 3].map(|x| writer.run(insert(x)))).await;
        assert_eq!(writes.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false, true]);
        assert_eq!(count(&writer).await, 3);
        assert_eq!(writer.last_error(), None, "a refused row is not a database error");
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_thread_goes_on() {
        let writer = writer();
        let panicking = writer.run(|_| -> Result<(), StoreError> { panic!("on purpose") }).await;
        assert!(panicking.is_err());
        assert!(writer.run(insert(1)).await.is_ok());
    }

    #[tokio::test]
    async fn a_lost_transaction_fails_all_its_writes_and_is_remembered() {
        let writer = writer();
        let lost = |db: &Connection| -> Result<(), StoreError> {
            db.execute_batch("ROLLBACK")?;
            Err(StoreError::Full)
        };
        let (before, lost) = tokio::join!(writer.run(insert(1)), writer.run(lost));
        assert_eq!(lost, Err(StoreError::Full));
        assert_eq!(count(&writer).await, i64::from(before.is_ok()));
    }

    #[tokio::test]
    async fn closing_does_not_wait_for_readers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b3lb.db");
        let db = Connection::open(&path).unwrap();
        db.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (x INTEGER UNIQUE) STRICT").unwrap();
        // Much longer than the test may take.
        db.busy_timeout(Duration::from_hours(1)).unwrap();
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT * FROM t").unwrap();
        let writer = Writer::start(db, None, Histogram::noop()).unwrap();
        assert!(writer.run(insert(1)).await.is_ok());
        writer.close().await;
    }

    #[tokio::test]
    async fn closing_finishes_what_waits() {
        let writer = writer();
        let (stored, ()) = tokio::join!(writer.run(insert(1)), writer.close());
        assert!(stored.is_ok());
        assert_eq!(writer.run(insert(2)).await, Err(StoreError::Closed));
    }
}
