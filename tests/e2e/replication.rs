//! A daemon with a store: the database is copied, restored where it is missing, and one daemon only is the
//! primary. With the real litestream (`tests/replicas/install`) and a folder as the store.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};

use harness::{World, eventually};
use tempfile::TempDir;
use tokio::process::Command;

use crate::pair::status;
use crate::support::{create, joined_node, listed};

#[path = "../../b3lbd/tests/s3_server/mod.rs"]
pub(crate) mod s3_server;

pub(crate) fn litestream() -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("replicas/venv/bin/litestream");
    assert!(program.exists(), "run tests/replicas/install first");
    program
}

/// A daemon with two nodes, a tenant, and a store in the folder `store` below the returned one.
pub(crate) async fn world_with_store(more: &[(&str, &str)]) -> (World, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let url = format!("file://{}", store.display());
    let program = litestream();
    let mut settings = vec![("REPLICA_URL", url.as_str()), ("LITESTREAM_BIN", program.to_str().unwrap())];
    settings.extend(more);
    (World::start_with(2, &settings).await, folder)
}

/// Another machine with the same settings and an empty folder.
fn other_machine(world: &World, folder: &Path) -> Command {
    let mut command = world.daemon.command();
    command
        .env("B3LB_LISTEN", format!("127.0.0.1:{}", harness::daemon::free_port()))
        .env("B3LB_DATABASE", folder.join("b3lb.db"))
        .env("B3LB_ADMIN_SOCKET", folder.join("admin.sock"))
        .env("B3LB_LOG_FORMAT", "text")
        .kill_on_drop(true);
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits until the store has the database as it is now: a restore finds all of its tenants and meetings.
pub(crate) async fn is_copied(world: &World) {
    let folder = tempfile::tempdir().unwrap();
    let plan = world.daemon.database().with_extension("db.litestream.json");
    let own = count(&world.daemon.database());
    let n = AtomicU32::new(0);
    eventually("the store has everything", || async {
        let copy = folder.path().join(n.fetch_add(1, Ordering::Relaxed).to_string());
        let done = restored(&plan, &world.daemon.database(), &copy).await;
        (done && count(&copy) == own).then_some(())
    })
    .await;
}

/// Restores the newest copy in the store, as an operator would by hand.
async fn restored(plan: &Path, database: &Path, copy: &Path) -> bool {
    let mut command = Command::new(litestream());
    command.args(["restore", "-no-expand-env", "-config"]).arg(plan).arg("-o").arg(copy).arg(database);
    command.env_remove("AWS_CA_BUNDLE").output().await.unwrap().status.success()
}

/// Puts a store back. litestream may create its folder again at any time.
pub(crate) fn put_back(away: &Path, store: &Path) {
    let put = || {
        // An error says that it is not there.
        let _ = std::fs::remove_dir_all(store);
        std::fs::rename(away, store).is_ok()
    };
    assert!((0..1_000).any(|_| put()), "{} cannot be put back", store.display());
}

fn count(database: &Path) -> (i64, i64) {
    let db = rusqlite::Connection::open(database).unwrap();
    let count =
        |table: &str| db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
    (count("tenant"), count("meeting"))
}

fn lose_the_data(world: &World) {
    let folder = world.daemon.database().parent().unwrap().to_owned();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("b3lb.db") {
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[tokio::test]
async fn an_empty_machine_begins_with_the_newest_copy() {
    let (mut world, _folder) = world_with_store(&[]).await;
    let bar = world.add_tenant("BAR").await;
    for n in 0..6 {
        assert!(create(if n % 2 == 0 { &world.foo } else { &bar }, &format!("room {n}")).await.ok());
    }
    is_copied(&world).await;
    world.daemon.kill().await;
    lose_the_data(&world);
    // A new machine has another identity, so that the operator has to say that the former one is gone.
    world.daemon.argument("--take-over");
    world.daemon.start_again().await;
    assert!(world.daemon.log().contains("the newest copy in the store was restored"));
    for n in 0..6 {
        let client = if n % 2 == 0 { &world.foo } else { &bar };
        let id = format!("room {n}");
        assert!(joined_node(client, &id).await.is_some(), "{id}");
        assert_eq!(world.hosts_of(&id).len(), 1, "{id} is not there twice");
    }
    assert!(create(&world.foo, "after").await.ok());
    // Its own epoch is copied as well, and an ordinary stop copies what is left.
    assert_eq!(world.daemon.terminate().await, Some(0));
    lose_the_data(&world);
    world.daemon.start_again().await;
    eventually("the list", || async { (listed(&world.foo).await.len() == 4).then_some(()) }).await;
}

/// `B3LB_REPLICA_STOPS` is how often, for a longer run.
#[tokio::test]
async fn a_stop_copies_the_last_commit() {
    let (mut world, _folder) = world_with_store(&[]).await;
    let stops = std::env::var("B3LB_REPLICA_STOPS").ok().and_then(|it| it.parse().ok()).unwrap_or(3);
    let plan = world.daemon.database().with_extension("db.litestream.json");
    for n in 0..stops {
        assert!(create(&world.foo, &format!("room {n}")).await.ok());
        assert_eq!(world.daemon.terminate().await, Some(0));
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy");
        assert!(restored(&plan, &world.daemon.database(), &copy).await);
        assert_eq!(count(&copy), (1, n + 1), "the last commit before the stop");
        world.daemon.start_again().await;
    }
}

#[tokio::test]
async fn a_bucket_serves_as_a_store() {
    let server = s3_server::Server::start().await;
    let mut world = World::start(2).await;
    assert_eq!(world.daemon.terminate().await, Some(0));
    let url = format!("s3://classes/b3lb?endpoint=http://{}", server.address);
    world.daemon.set("REPLICA_URL", &url);
    world.daemon.set("LITESTREAM_BIN", litestream().to_str().unwrap());
    let refused = world.daemon.command().output().await.unwrap();
    assert!(said(&refused).contains("AWS_ACCESS_KEY_ID"), "{refused:?}");
    world.daemon.wrap(&["/usr/bin/env", "AWS_ACCESS_KEY_ID=for-tests", "AWS_SECRET_ACCESS_KEY=for-tests"]);
    world.daemon.start_again().await;
    assert!(create(&world.foo, "room").await.ok());
    // An ordinary stop copies what is left.
    assert_eq!(world.daemon.terminate().await, Some(0));
    lose_the_data(&world);
    world.daemon.argument("--take-over");
    world.daemon.start_again().await;
    assert!(world.daemon.log().contains("the newest copy in the store was restored"));
    eventually("the list", || async { listed(&world.foo).await.contains("room").then_some(()) }).await;
    assert!(create(&world.foo, "after").await.ok());
}

#[tokio::test]
async fn a_restart_goes_on_with_its_own_database() {
    let (mut world, _folder) = world_with_store(&[]).await;
    assert!(create(&world.foo, "room").await.ok());
    world.daemon.kill().await;
    // At once, when the former litestream may not have ended yet.
    world.daemon.start_again().await;
    assert!(joined_node(&world.foo, "room").await.is_some());
    assert!(create(&world.foo, "second").await.ok());
    is_copied(&world).await;
    assert!(!world.daemon.log().contains("was restored"));
    let status = world.daemon.cli(&["status", "--json"]).await;
    assert!(status.status.success(), "{status:?}");
}

#[tokio::test]
async fn one_daemon_only_is_the_primary_of_a_store() {
    let (mut world, _folder) = world_with_store(&[]).await;
    assert!(create(&world.foo, "room").await.ok());
    is_copied(&world).await;
    let folder = tempfile::tempdir().unwrap();
    let refused = other_machine(&world, folder.path()).env("B3LB_ROLE", "primary").output().await.unwrap();
    let told = said(&refused);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("is the primary of this store") && told.contains("--take-over"), "{told}");

    let mut other = other_machine(&world, folder.path()).arg("--take-over").spawn().unwrap();
    eventually("the former primary is a replica", || async {
        (status(&world.daemon).await["role"] == "replica").then_some(())
    })
    .await;
    assert!(world.daemon.log().contains("another daemon is the primary now"));
    assert!(joined_node(&world.foo, "room").await.is_some(), "it still answers");
    // It does not lead again by itself.
    assert_eq!(world.daemon.terminate().await, Some(0));
    world.daemon.start_again().await;
    assert!(world.daemon.log().contains("this daemon is a replica of the store"));
    assert!(other.try_wait().unwrap().is_none(), "the other one goes on");
}

#[tokio::test]
async fn a_primary_that_cannot_see_the_claims_accepts_nothing_new() {
    let (mut world, folder) = world_with_store(&[]).await;
    assert!(create(&world.foo, "room").await.ok());
    let (store, away) = (folder.path().join("store"), folder.path().join("away"));
    std::fs::rename(&store, &away).unwrap();
    let n = AtomicU32::new(0);
    // After 30 s.
    eventually("creates are refused", || async {
        let answer = create(&world.foo, &format!("new {}", n.fetch_add(1, Ordering::Relaxed))).await;
        (answer.text("messageKey").as_deref() == Some("primaryUnavailable")).then_some(())
    })
    .await;
    assert!(joined_node(&world.foo, "room").await.is_some());
    assert!(create(&world.foo, "room").await.ok(), "a known meeting");
    let refused = world.daemon.cli(&["cluster", "add", "more"]).await;
    assert!(!refused.status.success() && said(&refused).contains("not the primary"), "{refused:?}");
    let status = world.daemon.cli(&["status", "--json"]).await;
    assert!(String::from_utf8_lossy(&status.stdout).contains("claims or lease in the store cannot be read"));
    put_back(&away, &store);
    eventually("creates are accepted", || async {
        create(&world.foo, "afterwards").await.ok().then_some(())
    })
    .await;
    assert_eq!(world.daemon.terminate().await, Some(0));
}

#[tokio::test]
async fn a_litestream_that_dies_is_started_again_and_told() {
    let (mut world, _folder) = world_with_store(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let fragile = folder.path().join("litestream");
    let script = "#!/bin/sh\n[ \"$1\" = version ] && echo 0.5.17 && exit\nexit 3\n";
    std::fs::write(&fragile, script).unwrap();
    std::fs::set_permissions(&fragile, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(world.daemon.terminate().await, Some(0));
    world.daemon.set("LITESTREAM_BIN", fragile.to_str().unwrap());
    world.daemon.start_again().await;
    let told = eventually("the problem", || async {
        let status = world.daemon.cli(&["status", "--json"]).await;
        let text = String::from_utf8_lossy(&status.stdout).into_owned();
        text.contains("the database is not copied to the store").then_some(text)
    })
    .await;
    assert!(told.contains("exit status: 3"), "{told}");
    // Meetings do not depend on it.
    assert!(create(&world.foo, "room").await.ok());
}

#[tokio::test]
async fn what_is_wrong_with_a_store_is_told_before_anything_begins() {
    let world = World::start(1).await;
    let folder = tempfile::tempdir().unwrap();
    for (url, program, rule) in [
        ("sftp://me@host/path", "litestream", "B3LB_REPLICA_URL"),
        ("file:///does/not/exist", litestream().to_str().unwrap(), "does not exist"),
        ("file:///tmp", "/does/not/exist", "litestream.io/install"),
    ] {
        let mut command = other_machine(&world, folder.path());
        command.env("B3LB_REPLICA_URL", url).env("B3LB_LITESTREAM_BIN", program);
        let refused = command.output().await.unwrap();
        assert!(!refused.status.success() && said(&refused).contains(rule), "{url}: {}", said(&refused));
        let checked = command.arg("--check").output().await.unwrap();
        assert!(!checked.status.success() && said(&checked).contains(rule), "{url}: {}", said(&checked));
    }
    let alone = other_machine(&world, folder.path()).arg("--take-over").output().await.unwrap();
    assert!(alone.status.code() == Some(2) && said(&alone).contains("B3LB_REPLICA_URL"), "{alone:?}");
    assert!(
        std::fs::read_dir(folder.path())
            .unwrap()
            .all(|it| { !it.unwrap().file_name().to_string_lossy().ends_with(".db") })
    );
}
