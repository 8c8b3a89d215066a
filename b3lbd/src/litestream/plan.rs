//! The configuration file of litestream. It is JSON, which is YAML as well and needs no rules of its own for quotes.

use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::role::Epoch;
use crate::shared::ReplicaUrl;

/// The folder of an epoch in the store: two daemons never write to the same one.
pub fn epoch_folder(epoch: Epoch) -> String {
    format!("epoch-{}", epoch.get())
}

/// Writes the configuration that copies `database` to the folder of an epoch, readable by its owner only. Keys are
/// not in it: litestream reads them from the environment. It is to be read with `-no-expand-env`.
pub fn write_plan(path: &Path, database: &Path, url: &ReplicaUrl, epoch: Epoch) -> std::io::Result<()> {
    let text = serde_json::to_vec_pretty(&plan(database, url, epoch))?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Temporary files have mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&text)?;
    file.persist(path)?;
    Ok(())
}

fn plan(database: &Path, url: &ReplicaUrl, epoch: Epoch) -> Value {
    let mut replica = replica(url, &epoch_folder(epoch));
    replica["sync-interval"] = "250ms".into();
    json!({
        "logging": { "stderr": true },
        "snapshot": { "interval": "1h", "retention": "24h" },
        // The default of 5 minutes can remove a file while it is restored.
        "l0-retention": "30m",
        "verify-compaction": true,
        "dbs": [{ "path": database, "replica": replica }],
    })
}

fn replica(url: &ReplicaUrl, folder: &str) -> Value {
    match url {
        ReplicaUrl::S3(it) => {
            let path = format!("{}/{folder}", it.path);
            let mut replica = json!({
                "type": "s3",
                "bucket": it.bucket,
                "path": path.trim_start_matches('/'),
                "region": it.region,
            });
            if let Some(endpoint) = &it.endpoint {
                replica["endpoint"] = endpoint.as_str().into();
                // Servers other than Amazon's seldom have a host name for each bucket.
                replica["force-path-style"] = true.into();
            }
            replica
        }
        ReplicaUrl::Folder(path) => json!({ "type": "file", "path": path.join(folder) }),
        ReplicaUrl::Other(url) => {
            let mut url = url.clone();
            let path = format!("{}/{folder}", url.path().trim_end_matches('/'));
            url.set_path(&path);
            json!({ "url": url.as_str() })
        }
    }
}
