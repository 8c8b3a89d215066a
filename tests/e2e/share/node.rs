//! The load reporter of nodes and its install script.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use harness::World;
use simnode::{Fault, Scope};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::share;

/// What the load reporter makes of samples of (idle, total) time.
async fn figures(samples: &[(u64, u64)]) -> Vec<u32> {
    let mut child = Command::new("sh")
        .arg(share("node/b3lb-load"))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Busy time is spread over all fields that count; a guest's time, the last two, is in the user's already.
    let line = |(idle, total): &(u64, u64)| {
        let busy = total - idle;
        let (user, rest) = (busy / 2, busy - busy / 2);
        format!("cpu  {user} 0 {rest} {idle} 0 0 0 0 {user} 0\n")
    };
    let text: String = samples.iter().map(line).collect();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.parse().unwrap()).collect()
}

/// Samples 5 seconds apart on a machine of 4 processors, from the use of the CPU in each 5 seconds in percent.
fn samples(use_of_cpu: &[u64]) -> Vec<(u64, u64)> {
    let mut samples = vec![(1_000_000, 5_000_000)];
    for cpu in use_of_cpu {
        let (idle, total) = samples[samples.len() - 1];
        samples.push((idle + 20 * (100 - cpu), total + 2_000));
    }
    samples
}

#[tokio::test]
async fn the_load_is_the_larger_of_15_seconds_and_a_minute() {
    // A burst shows at once, is the average of 15 seconds at first, and of a minute later.
    let burst = [0, 0, 0, 90, 0, 0, 0, 0];
    assert_eq!(figures(&samples(&burst)).await, [0, 0, 0, 3000, 3000, 3000, 1286, 1125]);
    let drop: Vec<_> = std::iter::repeat_n(100, 12).chain([0; 13]).collect();
    let after = figures(&samples(&drop)).await;
    assert_eq!(after[11..14], [10_000, 9_167, 8_334]);
    assert_eq!(after[23..], [0, 0], "what is older than a minute is forgotten");
}

#[tokio::test]
async fn odd_counters_give_no_odd_figures() {
    let none: [u32; 0] = [];
    assert_eq!(figures(&[(100, 400)]).await, none, "one sample says nothing");
    assert_eq!(figures(&[(100, 400), (100, 400)]).await, none, "no time has passed");
    assert_eq!(figures(&[(100, 400), (250, 500)]).await, [0], "more idle than time");
    assert_eq!(figures(&[(100, 400), (90, 500)]).await, [10_000], "idle time that steps back");
}

/// A program that does what `script` says, in a folder that comes first in PATH.
fn fake(folder: &Path, name: &str, script: &str) {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs the install script with `--root`; its exit code and output.
async fn install(root: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let path = format!("{}:{}", root.join("fakes").display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .arg(share("node/install"))
        .arg("--root")
        .arg(root)
        .args(arguments)
        .env("PATH", path)
        .output()
        .await
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn the_install_script_checks_each_part() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir(root.join("fakes")).unwrap();
    fake(&root.join("fakes"), "systemctl", "exit 3");
    let url = format!("http://127.0.0.1:{}/b3lb/load", harness::daemon::free_port());
    let (code, text) = install(root, &["--check", &url]).await;
    assert_eq!((code, text.matches("FAILED: ").count()), (Some(1), 5), "{text}");

    assert_eq!(install(root, &[]).await.0, Some(0));
    let script = root.join("usr/local/lib/b3lb/b3lb-load");
    assert_eq!(std::fs::metadata(script).unwrap().permissions().mode() & 0o777, 0o755);
    // An operator's own limits survive an update.
    let snippet = root.join("etc/bigbluebutton/nginx/b3lb-load.nginx");
    std::fs::write(&snippet, "mine").unwrap();
    assert_eq!(install(root, &[]).await.0, Some(0));
    assert_eq!(std::fs::read_to_string(snippet).unwrap(), "mine");

    let world = World::start(1).await;
    fake(&root.join("fakes"), "systemctl", "exit 0");
    std::fs::create_dir_all(root.join("run/b3lb-load")).unwrap();
    std::fs::write(root.join("run/b3lb-load/load"), "1234\n").unwrap();
    let url = world.nodes[0].load_url();
    let (code, text) = install(root, &["--check", &url]).await;
    assert_eq!((code, text.matches("ok: ").count()), (Some(0), 5), "{text}");

    world.nodes[0].fail(Fault::LoadGarbage, Scope::all());
    std::fs::write(root.join("run/b3lb-load/load"), "10001\n").unwrap();
    let (code, text) = install(root, &["--check", &url]).await;
    assert_eq!((code, text.matches("FAILED: ").count()), (Some(1), 2), "{text}");
}

#[tokio::test]
async fn a_check_of_a_node_without_a_load_reporter_names_the_script() {
    let world = World::start(1).await;
    world.nodes[0].fail(Fault::NoLoad, Scope::all());
    let output = world.daemon.cli(&["node", "check", "n1"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.starts_with("load ")).unwrap();
    assert!(line.contains("run share/node/install on the node"), "{text}");
}
