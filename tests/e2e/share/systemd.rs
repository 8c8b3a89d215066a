//! The units and what belongs to them, checked by systemd's own tools.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Output;

use harness::daemon::binary;
use tempfile::TempDir;
use tokio::process::Command;

use super::share;
use crate::replication::litestream;

/// A program of systemd, with whatever it says.
async fn run(program: &str, arguments: &[&str]) -> (bool, String) {
    let Output { status, stdout, stderr } =
        Command::new(program).args(arguments).output().await.expect("systemd's tools are there");
    (status.success(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

/// A folder with the units, which start the binary that was built.
fn units() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, command, program) in [
        ("systemd/b3lbd.service", "/usr/bin/b3lbd", binary("b3lbd")),
        ("node/b3lb-load.service", "/usr/local/lib/b3lb/b3lb-load", share("node/b3lb-load")),
    ] {
        let text = std::fs::read_to_string(share(path)).unwrap();
        let (start, new_start) = (format!("ExecStart={command}"), format!("ExecStart={}", program.display()));
        assert!(text.contains(&start), "{path} starts {command}");
        let name = Path::new(path).file_name().unwrap();
        std::fs::write(folder.path().join(name), text.replace(&start, &new_start)).unwrap();
    }
    std::fs::copy(share("systemd/b3lbd.socket"), folder.path().join("b3lbd.socket")).unwrap();
    folder
}

#[tokio::test]
async fn systemd_finds_no_fault_in_the_units() {
    let folder = units();
    for unit in ["b3lbd.service", "b3lbd.socket", "b3lb-load.service"] {
        let path = folder.path().join(unit);
        let (good, text) = run("systemd-analyze", &["--man=no", "verify", path.to_str().unwrap()]).await;
        // The machine's own units may have faults; ours are named with their path or name.
        let ours: Vec<_> = text.lines().filter(|line| line.contains("b3lb")).collect();
        assert!(ours.is_empty() && good, "{unit}: {text}");
    }
}

#[tokio::test]
async fn the_services_are_exposed_by_less_than_2() {
    let folder = units();
    for unit in ["b3lbd.service", "b3lb-load.service"] {
        let path = folder.path().join(unit);
        let arguments = ["security", "--offline=true", "--threshold=19", path.to_str().unwrap()];
        let (good, text) = run("systemd-analyze", &arguments).await;
        assert!(good, "{text}");
    }
}

#[tokio::test]
async fn only_root_and_the_daemon_read_the_settings() {
    let root = tempfile::tempdir().unwrap();
    let settings = root.path().join("etc/b3lb/b3lbd.env");
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    std::fs::copy(share("systemd/b3lbd.env"), &settings).unwrap();
    let in_root = format!("--root={}", root.path().display());
    let file = |name: &str| share("systemd").join(name).display().to_string();
    let (good, text) = run("systemd-sysusers", &[&in_root, &file("sysusers.conf")]).await;
    assert!(good, "{text}");
    let group = std::fs::read_to_string(root.path().join("etc/group")).unwrap();
    let line = group.lines().find(|line| line.starts_with("b3lb:")).expect("the group is made");
    let gid: u32 = line.split(':').nth(2).unwrap().parse().unwrap();
    // Only root can give files to a group of others.
    if std::fs::metadata(root.path()).unwrap().uid() == 0 {
        let (good, text) = run("systemd-tmpfiles", &[&in_root, "--create", &file("tmpfiles.conf")]).await;
        assert!(good, "{text}");
        let owned = std::fs::metadata(&settings).unwrap();
        assert_eq!((owned.uid(), owned.gid(), owned.permissions().mode() & 0o777), (0, gid, 0o640));
    }
}

/// The settings as installed name their one required setting, and are good once it is set.
#[tokio::test]
async fn the_environment_file_is_read_by_the_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b3lbd.env");
    let text = std::fs::read_to_string(share("systemd/b3lbd.env")).unwrap();
    let check = async |text: &str| {
        std::fs::write(&path, text).unwrap();
        let mut command = Command::new(binary("b3lbd"));
        command.arg("--check").env_clear().env("B3LB_ENV_FILE", &path).current_dir(folder.path());
        let output = command.output().await.unwrap();
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (code, answer) = check(&text).await;
    assert_eq!(code, Some(2));
    assert!(answer.contains("B3LB_API_BASE_DOMAIN is required"), "{answer}");
    // Every example line is a setting of this version, with a value that it takes.
    let all = text.replace("\n#B3LB_", "\nB3LB_");
    let (code, answer) = check(&all).await;
    // Wrong settings end with 2; the store is looked for after them.
    assert_eq!(code, Some(1), "{answer}");
    assert!(answer.contains("B3LB_REPLICA_URL=s3://"), "{answer}");
    let with_store: Vec<_> = all
        .lines()
        .map(|line| {
            if line.starts_with("B3LB_REPLICA_URL=") {
                let (store, program) = (folder.path().display(), litestream());
                format!("B3LB_REPLICA_URL=file://{store}\nB3LB_LITESTREAM_BIN={}", program.display())
            } else {
                line.to_owned()
            }
        })
        .collect();
    let (code, answer) = check(&with_store.join("\n")).await;
    assert_eq!(code, Some(0), "{answer}");
    assert!(answer.contains("B3LB_API_BASE_DOMAIN=bbb.example.org  # env file\n"), "{answer}");
    assert!(!answer.contains("unknown"), "{answer}");
}
