//! Guard rails: what is meant to be harmless is.

use harness::World;
use rpc::ErrorCode;

use super::{good, refused};
use harness::world::soon;

#[tokio::test]
async fn an_applied_export_leaves_maintenance_and_drains_alone() {
    let world = World::start(2).await;
    let file = world.folder().join("nightly.toml").display().to_string();
    let export = world.daemon.cli(&["export", &file]).await;
    assert!(export.status.success(), "{export:?}");
    assert!(!std::fs::read_to_string(&file).unwrap().contains("\nmaintenance ="));
    // A colleague drains a node; then comes the night.
    let admin = world.admin().await;
    let name = world.node_view(1).await.fqdn();
    let spec = rpc::DrainSpec { reason: "new disk".into(), evacuate_after: None };
    let drain = good(admin.node_drain(soon(), name, spec).await).drain;
    let apply = world.daemon.cli(&["apply", "-f", &file, "--prune"]).await;
    assert!(apply.status.success(), "{apply:?}");
    assert_eq!(world.node_view(1).await.drain, drain);
    // With the state in the file, the file decides.
    let with_state = world.daemon.cli(&["export", "--with-state"]).await;
    assert!(String::from_utf8(with_state.stdout).unwrap().contains("maintenance = true"));
}

#[tokio::test]
async fn a_read_only_tool_changes_nothing_and_shows_no_secret() {
    let world = World::start(1).await;
    let name = world.node_view(1).await.fqdn();
    for line in [
        format!("node drain {name}"),
        "tenant add X --group g".to_owned(),
        "meeting end FOO room --yes".to_owned(),
        "export --with-secrets".to_owned(),
        "gettenantsecrets".to_owned(),
        "promote --yes".to_owned(),
        format!("backup {}/copy.db", world.folder().display()),
    ] {
        let words: Vec<_> = ["--read-only"].into_iter().chain(line.split(' ')).collect();
        let output = world.daemon.cli(&words).await;
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.starts_with("error: refused because of --read-only\n"), "{line}: {error}");
        assert_eq!(output.status.code(), Some(1), "{line}");
    }
    for line in ["status", "node list", "export", "events", "node drain n1 --dry-run"] {
        let words: Vec<_> = line.split(' ').chain(["--read-only"]).collect();
        let output = world.daemon.cli(&words).await;
        assert!(output.status.success(), "{line}: {output:?}");
    }
    assert_eq!(world.node_view(1).await.drain, None);
    let target = rpc_client::Target::Unix(world.daemon.socket());
    let caller = rpc::ClientInfo { read_only: true, ..Default::default() };
    let reader = rpc_client::connect(&target, caller, false).await.unwrap();
    refused(reader.client.node_rm(soon(), name, true).await, ErrorCode::Refused);
}
