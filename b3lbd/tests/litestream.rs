//! The real litestream (`tests/replicas/install`) accepts the configuration and copies a database by it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod s3_server;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use b3lbd::litestream::{epoch_folder, find, write_plan};
use b3lbd::role::Epoch;
use b3lbd::shared::ReplicaUrl;
use tokio::process::Command;

fn installed() -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/replicas/venv/bin/litestream");
    assert!(program.exists(), "run tests/replicas/install first");
    program
}

#[tokio::test]
async fn a_database_is_copied_to_the_folder_of_its_epoch() {
    let store = tempfile::tempdir().unwrap();
    is_copied(&ReplicaUrl::Folder(store.path().to_owned())).await;
    assert!(store.path().join(epoch_folder(Epoch::FIRST)).is_dir());
}

#[tokio::test]
async fn a_database_is_copied_to_a_bucket() {
    let server = s3_server::Server::start().await;
    is_copied(&format!("s3://classes/b3lb?endpoint=http://{}", server.address).parse().unwrap()).await;
}

fn litestream(program: &Path, verb: &str, plan: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args([verb, "-no-expand-env", "-config"])
        .arg(plan)
        .env_remove("AWS_CA_BUNDLE")
        .env("AWS_ACCESS_KEY_ID", "for-tests")
        .env("AWS_SECRET_ACCESS_KEY", "for-tests")
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true);
    command
}

/// Runs litestream until a copy in the store has what was written last.
async fn is_copied(url: &ReplicaUrl) {
    let program = find(&installed()).await.unwrap();
    // A dollar sign would be replaced if litestream expanded variables.
    let place = tempfile::Builder::new().prefix("a $HOME \"b\"").tempdir().unwrap();
    let database = place.path().join("b3lb.db");
    let connection = rusqlite::Connection::open(&database).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (41)").unwrap();

    let plan = place.path().join("litestream.json");
    write_plan(&plan, &database, url, Epoch::FIRST).unwrap();
    assert_eq!(std::fs::metadata(&plan).unwrap().permissions().mode() & 0o777, 0o600);
    let mut child = litestream(&program.path, "replicate", &plan).spawn().unwrap();
    connection.execute("INSERT INTO t VALUES (42)", []).unwrap();

    let (copy, began) = (place.path().join("copy.db"), Instant::now());
    loop {
        assert!(began.elapsed() < Duration::from_mins(1), "42 is not in the copy");
        assert_eq!(child.try_wait().unwrap(), None, "litestream ends");
        let mut restore = litestream(&program.path, "restore", &plan);
        let restored = restore.arg("-o").arg(&copy).arg(&database).output().await.unwrap();
        if restored.status.success() {
            let look = rusqlite::Connection::open(&copy).unwrap();
            let found: i64 = look.query_row("SELECT max(x) FROM t", [], |row| row.get(0)).unwrap();
            drop(look);
            std::fs::remove_file(&copy).unwrap();
            if found == 42 {
                break;
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    child.kill().await.unwrap();
}
