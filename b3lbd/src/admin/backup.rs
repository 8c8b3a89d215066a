//! Database copies that operators download over the admin connection.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use rpc::{AdminError, AdminResult, Backup, ErrorCode, Sensitive};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::context::unavailable;
use super::operator::Operator;
use crate::model::Subject;

/// Maximum number of bytes in one answer.
const CHUNK: usize = 4 * 1024 * 1024;
/// Maximum number of concurrent copies. Each takes as much disk space as the database.
const MOST: usize = 4;

/// The copies that are being read.
#[derive(Debug, Default)]
pub(super) struct Copies {
    making: tokio::sync::Mutex<()>,
    next: AtomicU64,
    files: Mutex<HashMap<u64, Arc<Copy>>>,
}

/// One copy. Its file is already unlinked, so the space is freed when it is closed, even after a crash.
#[derive(Debug)]
struct Copy {
    file: File,
}

/// The copies made by one connection; they are closed with it.
#[derive(Debug)]
pub(super) struct Made {
    operator: Operator,
    ids: Mutex<Vec<u64>>,
}

impl Made {
    /// Starts without copies.
    pub(super) fn by(operator: Operator) -> Self {
        Self { operator, ids: Mutex::default() }
    }

    /// Makes a copy.
    pub(super) async fn begin(&self) -> AdminResult<Backup> {
        let operator = self.operator.clone();
        let made = Operator::to_the_end(make(operator)).await?;
        let context = &self.operator.context;
        let id = context.copies.next.fetch_add(1, Ordering::Relaxed) + 1;
        let MadeCopy { bytes, sha256, file } = made;
        context.copies.files.lock().insert(id, Arc::new(Copy { file }));
        self.ids.lock().push(id);
        Ok(Backup { id, bytes, sha256 })
    }

    /// Reads part of a copy.
    pub(super) async fn read(&self, id: u64, offset: u64) -> AdminResult<Sensitive> {
        let copy = self.find(id)?;
        blocking(move || {
            let mut chunk = vec![0; CHUNK];
            let mut filled = 0;
            while filled < CHUNK {
                match copy.file.read_at(&mut chunk[filled..], offset.saturating_add(filled as u64))? {
                    0 => break,
                    read => filled += read,
                }
            }
            Ok(Sensitive::from(STANDARD.encode(&chunk[..filled])))
        })
        .await
    }

    /// Removes a copy.
    pub(super) fn end(&self, id: u64) -> AdminResult<()> {
        self.find(id)?;
        self.ids.lock().retain(|it| *it != id);
        self.operator.context.copies.files.lock().remove(&id);
        Ok(())
    }

    fn find(&self, id: u64) -> AdminResult<Arc<Copy>> {
        let mine = self.ids.lock().contains(&id);
        let copy = self.operator.context.copies.files.lock().get(&id).filter(|_| mine).cloned();
        copy.ok_or_else(|| AdminError::not_found("backup", &id.to_string()))
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let mut files = self.operator.context.copies.files.lock();
        for id in self.ids.lock().drain(..) {
            files.remove(&id);
        }
    }
}

struct MadeCopy {
    bytes: u64,
    sha256: String,
    file: File,
}

/// Makes a copy; one at a time, because each occupies one of the few read connections.
async fn make(operator: Operator) -> AdminResult<MadeCopy> {
    let context = &operator.context;
    let _turn = context.copies.making.lock().await;
    if context.copies.files.lock().len() >= MOST {
        let message = format!("{MOST} backups are being read already");
        return Err(AdminError::new(ErrorCode::Unavailable, message).hint("wait until one of them is done"));
    }
    // Next to the database, where there is likely room for a copy, and where only the daemon can read it.
    let folder = tempfile::Builder::new().prefix(".b3lb-backup-").tempdir_in(context.core.store.folder());
    let folder = folder.map_err(|error| failed(&error))?;
    let path = folder.path().join("copy.db");
    context.core.store.copy_to(path.clone()).await.map_err(|error| unavailable(&error))?;
    let file = File::open(&path).map_err(|error| failed(&error))?;
    drop(folder);
    let (bytes, sha256, file) = blocking(move || digest(file)).await?;
    operator.record("backup", Subject::Daemon, json!({ "bytes": bytes })).await?;
    Ok(MadeCopy { bytes, sha256, file })
}

/// Size and hex SHA-256 of a file.
fn digest(mut file: File) -> std::io::Result<(u64, String, File)> {
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok((bytes, hex::encode(hash.finalize()), file));
        }
        bytes += read as u64;
        hash.update(&chunk[..read]);
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> AdminResult<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| failed(&error)),
        Err(_) => Err(AdminError::new(ErrorCode::Unavailable, "the copy could not be read")),
    }
}

fn failed(error: &std::io::Error) -> AdminError {
    AdminError::new(ErrorCode::Unavailable, format!("the copy could not be made: {error}"))
        .hint("is there enough disk space for a copy of the database?")
}
