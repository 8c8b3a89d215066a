//! `backup`: a consistent copy of the database, made while the daemon keeps running

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indicatif::{BinaryBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use rpc::{AdminClient, Backup};
use rpc_client::{Exit, Failure};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::daemon::Daemon;
use crate::draft::{self, Draft};

pub(super) async fn run(app: &App, file: &Path) -> Result<(), Failure> {
    let mut draft = Draft::begin(app, "backup", file, draft::PRIVATE).await?;
    let daemon = app.connect().await?;
    let backup = daemon.call(AdminClient::backup_begin).await?;
    let copied = copy(&daemon, &backup, &mut draft).await;
    let ended = daemon.call(|client, deadline| client.backup_end(deadline, backup.id)).await;
    copied?;
    draft.finish()?;
    // The copy is good, even if the daemon could not delete its own.
    let Backup { bytes, sha256, .. } = backup;
    let file = file.display().to_string();
    let line = format!("Backup written to {file}: {}, SHA-256 {sha256}", BinaryBytes(bytes));
    app.out.changed(&json!({"file": file, "bytes": bytes, "sha256": sha256}), &[line])?;
    ended
}

/// Reads the whole copy; fails if it differs from the daemon's.
async fn copy(daemon: &Daemon, backup: &Backup, draft: &mut Draft) -> Result<(), Failure> {
    let bar = progress(backup.bytes);
    let mut hash = Sha256::new();
    let mut offset = 0;
    loop {
        let chunk = daemon.call(|client, deadline| client.backup_read(deadline, backup.id, offset)).await?;
        let chunk = STANDARD.decode(chunk.reveal()).map_err(|error| broken(&error.to_string()))?;
        if chunk.is_empty() {
            break;
        }
        draft.write(&chunk)?;
        hash.update(&chunk);
        offset += chunk.len() as u64;
        bar.set_position(offset);
        if offset > backup.bytes {
            break;
        }
    }
    bar.finish_and_clear();
    if offset != backup.bytes {
        return Err(broken(&format!("it has {offset} bytes or more instead of {}", backup.bytes)));
    }
    if hex::encode(hash.finalize()) != backup.sha256 {
        return Err(broken("its checksum differs"));
    }
    Ok(())
}

fn broken(reason: &str) -> Failure {
    Failure::new(Exit::Failed, "failed", format!("the copy was damaged in transit: {reason}"))
        .hint("try again")
}

/// Drawn on standard error, and only if that is a terminal.
fn progress(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    if let Ok(style) =
        ProgressStyle::with_template("[{bar:30}] {binary_bytes} of {binary_total_bytes}, {eta} left")
    {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
