//! The DNS zone, as a name server reads it.

use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::docker::tool;
use super::share;

const PROXY: &str = "192.0.2.10";

/// Each question with its expected answer. Names are below the origin.
const ANSWERS: [(&str, &str, &str); 7] = [
    ("@", "A", PROXY),
    ("school", "A", PROXY),
    ("school-012", "A", PROXY),
    ("school", "AAAA", "2001:db8::10"),
    // No challenge is answered with the address of tenants, nor tenants with a challenge.
    ("_acme-challenge", "A", ""),
    ("_acme-challenge", "TXT", "\"no challenge\""),
    ("@", "NS", "ns.example.org."),
];

#[tokio::test]
async fn the_zone_leads_tenants_to_the_proxy() {
    let origin = "bbb.example.org";
    let mut command = Command::new(tool("python3"));
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/share/zone.py")).arg(origin);
    command.arg(share("dns").join(format!("{origin}.zone")));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let questions: Vec<_> = ANSWERS.iter().map(|(name, kind, _)| format!("{name} {kind}\n")).collect();
    child.stdin.take().unwrap().write_all(questions.concat().as_bytes()).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expected: Vec<_> = ANSWERS
        .iter()
        .map(|(name, kind, answer)| format!("{name} {kind} {answer}").trim_end().to_owned() + "\n")
        .collect();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected.concat());
}
