//! The configuration for those who run litestream themselves, read by litestream: a copy is made, and restored.

use harness::{World, eventually};
use tokio::process::Command;

use super::share;
use crate::replication::litestream;

#[tokio::test]
async fn litestream_copies_and_restores_by_the_example() {
    let world = World::start(1).await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let run = async |file: &str, arguments: &[&str]| {
        let (verb, rest) = arguments.split_first().unwrap();
        let mut command = Command::new(litestream());
        command.arg(verb).args(["-config", file]).args(rest).env_remove("AWS_CA_BUNDLE");
        let output = command.output().await.unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let example = share("litestream.yml").display().to_string();
    let (good, text) = run(&example, &["databases"]).await;
    assert!(good && text.contains("/var/lib/b3lb/b3lb.db") && text.contains("s3"), "{text}");

    // The same with a folder instead of the bucket.
    let text = std::fs::read_to_string(&example).unwrap();
    let database = world.daemon.database().display().to_string();
    let text = text.replace("/var/lib/b3lb/b3lb.db", &database);
    let text = text.replace("url: s3://bucket/b3lb-backup", &format!("url: file://{}", at("copy")));
    let text = text.replace("      region: eu-central-1\n", "");
    let file = at("litestream.yml");
    std::fs::write(&file, text).unwrap();
    let mut copying = Command::new(litestream());
    copying.args(["replicate", "-config", &file]).env_remove("AWS_CA_BUNDLE").kill_on_drop(true);
    let copying =
        copying.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let added = world.daemon.cli(&["tenant", "add", "LATER", "--group", "g"]).await;
    assert!(added.status.success(), "{added:?}");
    eventually("the copy has the new tenant", || async {
        let target = at("restored.db");
        // litestream restores into no file that exists.
        let _ = std::fs::remove_file(&target);
        let (good, _) = run(&file, &["restore", "-o", &target, &database]).await;
        let db = rusqlite::Connection::open(&target).ok().filter(|_| good)?;
        let sql = "SELECT count(*) FROM tenant WHERE slug = 'LATER'";
        (db.query_row(sql, [], |row| row.get::<_, i64>(0)) == Ok(1)).then_some(())
    })
    .await;
    drop(copying);
}
