//! The whole configuration as a TOML file: `export` and `apply`.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::path::Path;
use std::process::Output;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::daemon::binary;
use harness::{Daemon, Settings, World};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::{all_run, run};

pub(super) const CONFIGURATION: &str = "
    0 export => name = \"c\"
    0 export --with-secrets => secret = \"
    0 export {folder}/new.toml --with-secrets => Configuration written to
    2 export {folder}/new.toml => --yes
    0 export {folder}/all.toml --with-secrets --yes => Configuration written to
    1 export {folder}/nowhere/all.toml => cannot write
    0 apply -f {folder}/all.toml => Nothing to do: the configuration is that of the file
    0 cluster set c --cpu-max 7 => CPU max 7
    0 apply -f {folder}/all.toml --dry-run => ~ cluster c: cpu_max 7 -> 5000
    0 cluster show c => cpu_max: 7
    0 apply -f {folder}/all.toml => Applied
    0 cluster show c => cpu_max: 5000
    0 apply -f {folder}/all.toml --prune => Nothing to do
    1 apply -f {folder}/unknown.toml => unknown.toml:3: unknown field `cpu_mix`
    1 apply -f {folder}/wrong.toml => cluster x: cpu_order: a number from 0 to 100
    1 apply -f {folder}/missing.toml => cannot read
    2 apply => --file
    3 cluster show x => cluster x does not exist
    0 cluster show c => name: c
";

#[tokio::test]
async fn files_are_written_and_applied() {
    let world = World::start(0).await;
    all_run(&world, CONFIGURATION).await;
    // What only the daemon has is told beside the answer, and stays.
    let it = run(&world, &format!("apply -f {}/more.toml", world.folder().display())).await;
    assert_eq!((it.code, it.stdout.lines().last()), (Some(0), Some("Applied")), "{it:?}");
    assert!(it.stderr.starts_with("kept, though the file does not have it (--prune removes it): "), "{it:?}");
    run(&world, "cluster show more").await.good();
    // What is removed is shown. So much is refused, until it is said to be meant; then it is asked for.
    let apply = format!("apply -f {}/nothing.toml --prune", world.folder().display());
    let it = run(&world, &format!("{apply} --yes")).await;
    assert_eq!(it.code, Some(1), "{it:?}");
    assert!(it.stdout.contains("- tenant FOO\n") && it.stdout.contains(" 4 to remove\n"), "{it:?}");
    assert!(it.stderr.contains("remove 1 of 1 tenants, 1 of 1 secrets: too much"), "{it:?}");
    assert!(it.stderr.contains("--prune-anyway 4 applies it"), "{it:?}");
    let it = run(&world, &format!("{apply} --yes --prune-anyway 3")).await;
    assert_eq!(it.code, Some(1), "another number: {it:?}");
    let it = run(&world, &format!("{apply} --prune-anyway 4")).await;
    assert_eq!(it.code, Some(2), "{it:?}");
    assert!(it.stderr.contains("removes 1 tenant, 1 group, 2 clusters, asks before it acts"), "{it:?}");
    run(&world, "tenant show FOO").await.good();
    let plain = run(&world, "export").await.good();
    assert!(!plain.contains(&world.foo.key), "secrets are in it only if asked for");
}

/// 50 nodes and 200 tenants as an operator would write them, with all that a file can have.
fn large() -> String {
    let png = b"\x89PNG and so on";
    let (sum, base64) = (hex::encode(Sha256::digest(png)), STANDARD.encode(png));
    let mut text = "
[[cluster]]
name = \"big\"
checksum = \"sha512\"
[[cluster]]
name = \"small\"
attendee_factor = 0.5
cpu_order = 0
[[group]]
name = \"all\"
description = \"Everything\"
clusters = [\"big\", \"small\"]
"
    .to_owned();
    for n in 0..50 {
        let (cluster, maintenance) = (if n % 2 == 0 { "big" } else { "small" }, n % 3 == 0);
        let _ = write!(
            text,
            "
[[node]]
slug = \"n{n}\"
domain = \"example.org\"
cluster = \"{cluster}\"
maintenance = {maintenance}
secret = \"the secret of n{n}\"
"
        );
    }
    for n in 0..200 {
        let (first, second) = (format!("{n:042}"), format!("{n:x<42}"));
        let _ = write!(
            text,
            "
[[tenant]]
slug = \"T{n}\"
group = \"all\"
description = \"Größe \\\"{n}\\\" # 1\"
attendee_limit = {n}
[[tenant.secret]]
sub_id = 0
[[tenant.secret]]
sub_id = 7
meeting_limit = 5
secret = \"{first}\"
second_secret = \"{second}\"
[[tenant.parameter]]
call = \"create\"
name = \"welcome\"
mode = \"override\"
value = '''Guten Tag,
\"%%CONFNAME%%\"'''
[[tenant.parameter]]
call = \"join\"
name = \"role\"
mode = \"block\"
[[tenant.asset]]
kind = \"logo\"
file_name = \"logo.png\"
sha256 = \"{sum}\"
base64 = \"{base64}\"
"
        );
    }
    text
}

/// What a daemon's export says, secrets and all.
async fn exported(daemon: &Daemon) -> Vec<u8> {
    let output = daemon.cli(&["export", "--with-secrets", "--with-assets", "--with-state"]).await;
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

/// `export | apply -f -` from one daemon to another.
async fn pipe(from: &Daemon, to: &Daemon) -> Output {
    let script = "\"$0\" --connect \"unix:$1\" export --with-secrets --with-assets --with-state |
                  \"$0\" --connect \"unix:$2\" apply -f -";
    Command::new("bash")
        .args(["-o", "pipefail", "-c", script])
        .arg(binary("b3lb-cli"))
        .args([from.socket(), to.socket()])
        .output()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_configuration_moves_from_one_daemon_to_another() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let settings = Settings::default();
    let (old, new) = tokio::join!(
        Daemon::start(folders[0].path(), &settings),
        Daemon::start(folders[1].path(), &settings)
    );
    let file = folders[0].path().join("b3lb.toml");
    std::fs::write(&file, large()).unwrap();
    let applied = old.cli(&["apply", "-f", file.to_str().unwrap()]).await;
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    let said = String::from_utf8(applied.stdout).unwrap();
    // Clusters, group, nodes; and of each tenant itself, two secrets, two rules and the logo.
    let steps = 2 + 1 + 50 + 200 * 6;
    assert!(said.ends_with(&format!("{steps} to add, 0 to change, 0 to remove\nApplied\n")), "{said}");

    let began = Instant::now();
    let moved = pipe(&old, &new).await;
    println!("export | apply of 50 nodes and 200 tenants took {:?}", began.elapsed());
    assert!(moved.status.success(), "{moved:?}");
    let (first, second) = (exported(&old).await, exported(&new).await);
    assert!(first == second, "the second export is not the first");
    assert!(String::from_utf8(first).unwrap().contains("slug = \"T199\""));

    let again = pipe(&old, &new).await;
    let said = String::from_utf8(again.stdout).unwrap();
    assert_eq!(said, "Nothing to do: the configuration is that of the file\n");
    let audit = new.cli(&["events", "--audit", "--json"]).await;
    let entries: serde_json::Value = serde_json::from_slice(&audit.stdout).unwrap();
    let actions: Vec<_> =
        entries.as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["config apply", "export with secrets"], "the second time nothing was changed");
}

/// The documented file is what a daemon exports, and can be applied.
#[tokio::test]
async fn the_documented_file_is_an_export() {
    let document = include_str!("../../../share/doc/configuration-file.md");
    let (_, sample) = document.split_once("```toml\n").unwrap();
    let (sample, _) = sample.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(folder.path(), &Settings::default()).await;
    let file = folder.path().join("b3lb.toml");
    std::fs::write(&file, sample).unwrap();
    let node = "node add bbb-01 --domain example.org --cluster main --secret x --active";
    for line in ["cluster add main", node, &format!("apply -f {}", file.display())] {
        let output = daemon.cli(&line.split_whitespace().collect::<Vec<_>>()).await;
        assert!(output.status.success(), "{line}: {output:?}");
    }
    let export = String::from_utf8(daemon.cli(&["export"]).await.stdout).unwrap();
    let tables = |text: &str| -> Vec<String> {
        text.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).map(str::to_owned).collect()
    };
    assert_eq!(tables(&export), tables(sample));
}

/// A terminal with a run of the tool on it.
struct Terminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    reader: Box<dyn Read + Send>,
    writer: Box<dyn std::io::Write + Send>,
}

impl Terminal {
    fn run(socket: &Path, args: &[&str]) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let terminal = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(binary("b3lb-cli"));
        command.args(["--connect", &format!("unix:{}", socket.display())]);
        command.args(args);
        let child = terminal.slave.spawn_command(command).unwrap();
        let (reader, writer) =
            (terminal.master.try_clone_reader().unwrap(), terminal.master.take_writer().unwrap());
        Self { child, reader, writer }
    }

    /// All that stands on it up to this text.
    fn until(&mut self, text: &str) -> String {
        let (mut screen, mut byte) = (Vec::new(), [0]);
        while !screen.ends_with(text.as_bytes()) {
            self.reader
                .read_exact(&mut byte)
                .unwrap_or_else(|_| panic!("{text:?} never comes: {}", String::from_utf8_lossy(&screen)));
            screen.push(byte[0]);
        }
        String::from_utf8(screen).unwrap()
    }

    /// Types an answer; the exit code, and what stands on it then.
    fn answer(mut self, answer: &str) -> (u32, String) {
        self.writer.write_all(answer.as_bytes()).unwrap();
        let mut screen = Vec::new();
        // The far end that closes is an error here, and the end.
        let _ = self.reader.read_to_end(&mut screen);
        (self.child.wait().unwrap().exit_code(), String::from_utf8_lossy(&screen).into_owned())
    }
}

/// Somebody changes something while the plan stands on the screen and waits for a yes.
#[tokio::test]
async fn a_plan_that_is_out_of_date_is_a_conflict() {
    let world = World::start(0).await;
    run(&world, "tenant add OLD --group g").await.good();
    let file = world.folder().join("b3lb.toml");
    run(&world, &format!("export {}", file.display())).await.good();
    let text = std::fs::read_to_string(&file).unwrap();
    let (kept, _) = text.split_once("[[tenant]]\nslug = \"OLD\"").unwrap();
    std::fs::write(&file, kept).unwrap();

    let (socket, path) = (world.daemon.socket(), file.display().to_string());
    let asked = tokio::task::spawn_blocking(move || {
        let mut terminal = Terminal::run(&socket, &["apply", "-f", &path, "--prune", "--prune-anyway", "1"]);
        (terminal.until("[y/N] "), terminal)
    });
    let (screen, terminal) = asked.await.unwrap();
    assert!(screen.contains("- tenant OLD") && screen.contains("Remove 1 tenant?"), "{screen}");
    run(&world, "tenant set OLD --meeting-limit 3").await.good();
    let (code, screen) = tokio::task::spawn_blocking(move || terminal.answer("y\n")).await.unwrap();
    assert_eq!(code, 5, "{screen}");
    assert!(screen.contains("error: the configuration was changed by somebody else"), "{screen}");
    assert!(screen.contains("hint: review the new plan and apply again"), "{screen}");
    assert_eq!(run(&world, "tenant show OLD --json").await.json()["meeting_limit"], 3);
    run(&world, &format!("apply -f {} --prune --prune-anyway 1 --yes", file.display())).await.good();
    assert_eq!(run(&world, "tenant show OLD").await.code, Some(3));
}
