//! The Ansible role, run by Ansible itself with the real command line.

use std::path::Path;

use harness::World;
use harness::daemon::binary;
use tokio::process::Command;

use super::docker::tool;
use super::share;

/// Runs the playbook on this machine. Returns what it says.
async fn play(world: &World, inventory: &Path, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let connect = format!("unix:{}", world.daemon.socket().display());
    let cli = [binary("b3lb-cli"), "--connect".into(), connect.into()];
    let cli = serde_json::json!({"b3lb_nodes_cli": cli, "ansible_python_interpreter": tool("python3")});
    let secrets = serde_json::json!({"vault_bbb_01_secret": "one \"\\ secret", "vault_bbb_02_secret": "another secret"});
    let output = Command::new(tool("ansible-playbook"))
        .args(["--connection", "local", "--inventory"])
        .arg(inventory)
        .args(["--extra-vars", &cli.to_string(), "--extra-vars", &secrets.to_string()])
        .args(more)
        .arg(share("ansible/b3lb.yml"))
        .env("ANSIBLE_HOME", folder.path())
        .env("ANSIBLE_LOCAL_TEMP", folder.path().join("local"))
        .env("ANSIBLE_REMOTE_TEMP", folder.path().join("remote"))
        .env("ANSIBLE_NOCOLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .await
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("secret\""), "{said}");
    said
}

async fn nodes(world: &World) -> Vec<(String, bool)> {
    let output = world.daemon.cli(&["node", "list", "--json"]).await;
    let nodes: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |it: &serde_json::Value| {
        format!("{}.{}", it["slug"].as_str().unwrap(), it["domain"].as_str().unwrap())
    };
    let all = nodes.as_array().unwrap().iter();
    let mut all: Vec<_> = all.map(|it| (name(it), it["maintenance"] == true)).collect();
    all.retain(|(name, _)| name.ends_with(".example.org"));
    all.sort();
    all
}

#[tokio::test]
async fn the_role_brings_the_nodes_of_the_inventory() {
    let world = World::start(1).await;
    let folder = tempfile::tempdir().unwrap();
    let inventory = folder.path().join("inventory.yml");
    let text = std::fs::read_to_string(share("ansible/inventory.yml")).unwrap();
    assert!(text.contains("b3lb_cluster: main"));
    std::fs::write(&inventory, text.replace("b3lb_cluster: main", "b3lb_cluster: c")).unwrap();

    let shown = play(&world, &inventory, &["--check"]).await;
    assert!(shown.contains("bbb-01.example.org") && shown.contains("changed=1"), "{shown}");
    assert!(nodes(&world).await.is_empty(), "a check changes nothing");

    let done = play(&world, &inventory, &[]).await;
    assert!(done.contains("changed=1"), "{done}");
    let expected = [("bbb-01.example.org".to_owned(), true), ("bbb-02.example.org".to_owned(), false)];
    assert_eq!(nodes(&world).await, expected);
    let export = world.daemon.cli(&["export", "--with-secrets"]).await;
    let export = String::from_utf8(export.stdout).unwrap();
    assert!(export.contains("one \"\\ secret") || export.contains(r#"one \"\\ secret"#), "{export}");

    // What operators do stays, and a second run changes nothing.
    let set = world.daemon.cli(&["node", "maintenance", "bbb-02.example.org", "on"]).await;
    assert!(set.status.success(), "{set:?}");
    let again = play(&world, &inventory, &[]).await;
    assert!(again.contains("changed=0"), "{again}");
    assert!(nodes(&world).await.iter().all(|(_, maintenance)| *maintenance));
}
