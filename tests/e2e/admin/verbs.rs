//! No verb is left out: `--help` says which ones there are.

use std::process::Stdio;

use harness::World;
use harness::daemon::binary;
use tokio::process::Command;

use super::changing::CHANGING;
use super::configuration::CONFIGURATION;
use super::events::EVENTS;
use super::import::IMPORT;
use super::legacy::LEGACY_VERBS;
use super::node_care::NODE_CARE;
use super::setting_up::SETTING_UP;
use super::usage::USAGE;
use super::whole::WHOLE;
use super::{Line, lines, run, write_files};

/// Every table of this folder.
const TABLES: [&str; 9] =
    [SETTING_UP, CHANGING, NODE_CARE, LEGACY_VERBS, CONFIGURATION, EVENTS, USAGE, IMPORT, WHOLE];

/// Verbs that need no daemon.
const ALONE: [&str; 2] = ["completions", "man"];

/// A daemon that is the primary already refuses it in any case.
const NEVER_GOOD: [&str; 1] = ["promote"];

/// All verbs with their nouns, as `--help` tells them.
pub(super) async fn verbs() -> Vec<String> {
    let mut verbs = Vec::new();
    for name in listed("").await {
        let below = listed(&name).await;
        if below.is_empty() {
            verbs.push(name);
        } else {
            verbs.extend(below.iter().map(|verb| format!("{name} {verb}")));
        }
    }
    verbs
}

/// The commands in the help of a noun, or of the program; none if it is a verb.
async fn listed(noun: &str) -> Vec<String> {
    let output = Command::new(binary("b3lb-cli"))
        .env_clear()
        .args(noun.split_whitespace())
        .arg("--help")
        .stderr(Stdio::inherit())
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{noun} --help");
    let help = String::from_utf8(output.stdout).unwrap();
    let Some((_, commands)) = help.split_once("Commands:\n") else { return Vec::new() };
    let section = commands.split("\n\n").next().unwrap();
    // What goes on in a further line is indented more.
    let rows = section.lines().filter_map(|line| line.strip_prefix("  ")).filter(|it| !it.starts_with(' '));
    let names = rows.filter_map(|row| row.split_whitespace().next()).filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

/// The verb that a line of words begins with.
pub(super) fn is_of(command: &str, verb: &str) -> bool {
    command.strip_prefix(verb).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// The lines of all tables that begin with this verb.
fn lines_of(verb: &str) -> Vec<Line<'static>> {
    TABLES.iter().flat_map(|table| lines(table)).filter(|line| is_of(line.command, verb)).collect()
}

#[tokio::test]
async fn every_verb_has_a_good_and_a_bad_line() {
    let verbs = verbs().await;
    assert!(verbs.len() > 60, "{verbs:?}");
    let without = |good: bool| -> Vec<_> {
        let lacks = |verb: &&String| !lines_of(verb).iter().any(|line| (line.code == 0) == good);
        verbs.iter().filter(lacks).collect()
    };
    assert_eq!(without(true), NEVER_GOOD, "these have no line where they work");
    assert_eq!(without(false), [""; 0], "these have no line where they are refused");
    for line in TABLES.iter().flat_map(|table| lines(table)) {
        assert!(verbs.iter().any(|verb| is_of(line.command, verb)), "{} is no verb", line.command);
    }
}

#[tokio::test]
async fn without_a_daemon_every_verb_says_so() {
    let mut world = World::start(0).await;
    write_files(&world);
    assert_eq!(world.daemon.terminate().await, Some(0));
    let folder = world.folder().display().to_string();
    for verb in verbs().await.iter().filter(|verb| !ALONE.contains(&verb.as_str())) {
        let Some(line) = lines_of(verb).into_iter().find(|line| line.code == 0) else { continue };
        let it = run(&world, &line.command.replace("{folder}", &folder)).await;
        assert_eq!((it.code, it.stdout.as_str()), (Some(6), ""), "{it:?}");
        assert!(it.stderr.contains("is b3lbd running?"), "it says what to do: {it:?}");
    }
    let promote = run(&world, "promote").await;
    assert_eq!(promote.code, Some(6), "{promote:?}");
}
