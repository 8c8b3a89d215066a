//! The program.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::client::{answer, client};

/// Starts the program; its address when it is ready.
async fn start(args: &[&str]) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_simnode"))
        .args(["--listen", "127.0.0.1:0"])
        .args(args)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
    let addr = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    (child, addr)
}

#[tokio::test]
async fn it_serves_until_ctrl_c() {
    let args = ["--secret", "s", "--cpu", "77", "--meetings", "2", "--attendees", "3", "--seed", "5"];
    let (mut child, addr) = start(&args).await;
    assert_eq!(answer(client().get(format!("http://{addr}/b3lb/load"))).await.body, "77\n");
    let checksum = simnode::Hash::Sha1.checksum("getMeetings", "", "s");
    let url = format!("http://{addr}/bigbluebutton/api/getMeetings?checksum={checksum}");
    assert_eq!(answer(client().get(url)).await.body.matches("<attendee>").count(), 6);
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test]
async fn faults_can_be_asked_for() {
    let (_child, addr) = start(&["--life", "--fault", "http500", "--fault-call", "load"]).await;
    assert_eq!(answer(client().get(format!("http://{addr}/b3lb/load"))).await.status, 500);
    assert!(answer(client().get(format!("http://{addr}/bigbluebutton/api"))).await.success());
}
