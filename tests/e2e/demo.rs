//! `b3lbd demo`: what it prints works, and nothing is left of it.

use std::fs::Permissions;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use harness::daemon::{binary, free_port};
use harness::eventually::PATIENCE;
use harness::{Client, eventually};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::replication::litestream;

/// A running demo and what it printed.
struct Demo {
    child: Child,
    folder: TempDir,
    printed: Vec<String>,
    port: u16,
}

/// How the demo's last line begins.
const LAST: &str = "ctrl-c ends the demo";

impl Demo {
    /// Starts a demo that is told to listen at `port`, beside a database of somebody else.
    async fn start(port: u16) -> Self {
        Self::start_as(Command::new(binary("b3lbd")).env_clear(), port).await
    }

    /// Of two daemons with a store.
    async fn start_pair(port: u16) -> Self {
        let mut command = Command::new(binary("b3lbd"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("B3LB_LITESTREAM_BIN", litestream());
        Self::start_with(&mut command, port, &["--replicas", "2"]).await
    }

    async fn start_as(command: &mut Command, port: u16) -> Self {
        Self::start_with(command, port, &[]).await
    }

    async fn start_with(command: &mut Command, port: u16, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["tmp", "run"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("b3lb.db"), "precious").unwrap();
        let mut child = command
            .arg("demo")
            .args(arguments)
            .current_dir(folder.path())
            .env("TMPDIR", folder.path().join("tmp"))
            // Not at a default place, where somebody's real daemon may be.
            .env("B3LB_ADMIN_SOCKET", folder.path().join("run/demo/admin.sock"))
            .env("B3LB_LISTEN", format!("127.0.0.1:{port}"))
            .env("B3LB_DATABASE", folder.path().join("b3lb.db"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut printed = Vec::new();
        while !printed.last().is_some_and(|it: &String| it.starts_with(LAST)) {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it gets ready");
            printed.push(line.unwrap().unwrap_or_else(|| panic!("it ended early: {printed:?}")));
        }
        Self { child, folder, printed, port }
    }

    /// What stands behind a label.
    fn value(&self, label: &str) -> &str {
        let line = self.printed.iter().find_map(|it| it.trim().strip_prefix(label));
        line.unwrap_or_else(|| panic!("{label} is missing in {:?}", self.printed)).trim()
    }

    /// Arguments of the printed commands that begin with this.
    fn commands(&self, with: impl Fn(&str) -> bool) -> Vec<String> {
        self.printed.iter().map(|it| it.trim().to_owned()).filter(|it| with(it)).collect()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Ends it by a signal and sees that nothing is left.
    async fn end(mut self, signal: &str) {
        let pid = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().await.unwrap().success());
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it stops").unwrap();
        assert_eq!(status.code(), Some(0), "{signal}");
        let mut complaints = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut complaints).await.unwrap();
        assert_eq!(complaints, "", "{signal}: nothing to complain of");
        for folder in ["tmp", "run"] {
            assert_eq!(entries(&self.path(folder)), Vec::<String>::new(), "{signal}: {folder} is empty");
        }
        assert_eq!(std::fs::read_to_string(self.path("b3lb.db")).unwrap(), "precious", "{signal}");
        assert_eq!(entries(self.folder.path()), ["b3lb.db", "run", "tmp"], "{signal}");
        for n in 1..=3 {
            let port = self.value(&format!("node n{n}")).rsplit_once(':').unwrap().1.parse().unwrap();
            assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "{signal}: node n{n} is gone");
        }
    }
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_the_demo_prints_works_and_nothing_is_left() {
    let demo = Demo::start(free_port()).await;
    let front = format!("127.0.0.1:{}", demo.port);
    assert_eq!(demo.value("front end"), format!("http://{front}"));
    let client =
        Client::new(front.parse().unwrap(), "demo", demo.value("DEMO-000").split(' ').next().unwrap());
    let curls: Vec<_> = demo
        .commands(|it| it.starts_with("curl "))
        .iter()
        .map(|it| it.split('\'').nth(1).expect("a quoted URL").to_owned())
        .collect();
    let [create, join, list] = curls.as_slice() else { panic!("three calls: {curls:?}") };

    let created = client.send(client.request("GET", create)).await;
    assert!(created.ok(), "{created:?}");
    let joined = client.send(client.request("GET", join)).await;
    assert_eq!(joined.status, 302, "{joined:?}");
    let (node, port) = joined.location()[7..]
        .split('/')
        .next()
        .unwrap()
        .split_once(':')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert!(
        demo.printed.iter().any(|it| it.ends_with(&format!("http://{node}:{port}"))),
        "{node}:{port} is one of those printed"
    );
    let entered = joined.location().replace(&node, "127.0.0.1");
    let entered = client.send(client.request("GET", &entered)).await;
    assert_eq!(entered.status, 302, "the node lets Ada in: {entered:?}");
    let listed = client.send(client.request("GET", list)).await;
    assert!(listed.ok() && listed.texts("meetingID").contains(&"my-room".to_owned()), "{listed:?}");
    assert!(listed.texts("meetingID").len() > 3, "there is life in it: {listed:?}");
    assert!(client.get("getMeetings", &[]).await.ok(), "the printed key is that of the tenant");
    assert!(
        client.by(harness::Form::Path).with_key("wrong").get("getMeetings", &[]).await.key()
            == "checksumError"
    );

    let tool = binary("b3lb-cli").display().to_string();
    let lines = demo.commands(|it| it.starts_with(&tool));
    assert_eq!(lines.len(), 3, "{:?}", demo.printed);
    for line in &lines {
        let words: Vec<_> = line.split_whitespace().collect();
        let output = Command::new(words[0])
            .args(&words[1..])
            .current_dir(demo.folder.path())
            .env_clear()
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{line}: {output:?}");
        let expected = match words.last() {
            Some(&"on") => "maintenance on",
            _ if line.ends_with("meeting list") => "my-room",
            _ => "n3",
        };
        assert!(said.contains(expected), "{line}: {said}");
    }
    let dashboard = demo.commands(|it| it.starts_with(&binary("b3lb-tui").display().to_string()));
    let [dashboard] = dashboard.as_slice() else { panic!("one dashboard: {:?}", demo.printed) };
    let words: Vec<_> = dashboard.split_whitespace().chain(["--snapshot"]).collect();
    let frame = Command::new(words[0]).args(&words[1..]).env_clear().output().await.unwrap();
    assert!(String::from_utf8_lossy(&frame.stdout).contains("n3.localhost"), "{frame:?}");
    assert_eq!(entries(&demo.path("tmp")).len(), 1, "one temporary folder");
    assert!(demo.path("run/demo/admin.sock").exists());
    demo.end("-INT").await;
    assert!(TcpStream::connect(&front).is_err(), "nobody listens any more");
}

#[tokio::test]
async fn under_cargo_the_demo_builds_the_tools_that_it_names() {
    let target = tempfile::tempdir().unwrap();
    let release = target.path().join("release");
    std::fs::create_dir(&release).unwrap();
    let daemon = release.join("b3lbd");
    std::fs::copy(binary("b3lbd"), &daemon).unwrap();
    let cargo = target.path().join("cargo");
    let script = "#!/bin/sh\nset -eu\ncd \"$(dirname \"$0\")\"\necho \"$@\" >arguments\ntouch release/b3lb-cli release/b3lb-tui\n";
    std::fs::write(&cargo, script).unwrap();
    std::fs::set_permissions(&cargo, Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(&daemon);
    let demo =
        Demo::start_as(command.env_clear().env("PATH", "/usr/bin:/bin").env("CARGO", &cargo), free_port())
            .await;
    let arguments = std::fs::read_to_string(target.path().join("arguments")).unwrap();
    let expected = format!(
        "build --locked --profile release --target-dir {} -p b3lb-cli -p b3lb-tui\n",
        target.path().display()
    );
    assert_eq!(arguments, expected);
    for tool in ["b3lb-cli", "b3lb-tui"] {
        let path = release.join(tool).display().to_string();
        assert!(!demo.commands(|it| it.starts_with(&path)).is_empty(), "{:?}", demo.printed);
    }
}

#[tokio::test]
async fn a_demo_goes_out_of_the_way_and_lives() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let demo = Demo::start(taken.local_addr().unwrap().port()).await;
    let front = demo.value("front end");
    assert!(front.ends_with("(the usual port is taken)"), "{front}");
    let address = front.split(' ').next().unwrap().strip_prefix("http://").unwrap();
    let client =
        Client::new(address.parse().unwrap(), "demo", demo.value("DEMO-000").split(' ').next().unwrap());
    eventually("somebody joins", || async {
        let list = client.get("getMeetings", &[]).await;
        assert!(list.ok(), "{list:?}");
        list.texts("participantCount").iter().any(|it| it != "0").then_some(())
    })
    .await;
    demo.end("-TERM").await;
}

#[tokio::test]
async fn of_two_daemons_one_takes_over_as_printed() {
    let demo = Demo::start_pair(free_port()).await;
    let signals = demo.commands(|it| it.starts_with("kill "));
    let [stop, go_on] = signals.as_slice() else { panic!("two signals: {:?}", demo.printed) };
    let urls = demo.commands(|it| it.starts_with("curl -s '"));
    let [create, list] = [&urls[0], &urls[1]].map(|it| it.split('\'').nth(1).unwrap().to_owned());
    let front = demo.value("front end").strip_prefix("http://").unwrap();
    let client = Client::new(front.parse().unwrap(), "demo", "");
    let asked = async |url: &str| client.send(client.request("GET", url)).await;
    let run = async |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).env_clear().env("PATH", "/usr/bin:/bin");
        let output = command.output().await.unwrap();
        // 8: a problem, the create that is refused below.
        assert!(matches!(output.status.code(), Some(0 | 8)), "{line}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    eventually("the replica knows the meetings", || async {
        (asked(&list).await.texts("meetingID").len() > 3).then_some(())
    })
    .await;
    run(stop).await;
    assert_eq!(asked(&create).await.key(), "primaryUnavailable");
    assert!(asked(&list).await.texts("meetingID").len() > 3, "lists go on");
    let promote = demo.commands(|it| it.ends_with(" promote"));
    let told = run(&format!("{} --yes", promote[0])).await;
    assert!(told.contains("this daemon is the primary"), "{told}");
    assert!(asked(&create).await.ok());
    run(go_on).await;
    let status = demo.commands(|it| it.ends_with(" status"));
    assert!(run(&status[0]).await.contains("primary"));
    demo.end("-INT").await;
}
