//! README, CHANGELOG and `share/` agree with the program: settings, dependencies, links and paths.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::path::{Path, PathBuf};

use b3lbd::config::Arguments;
use clap::CommandFactory;

/// Defaults that the table says in words, because they are computed, or empty.
const IN_WORDS: [(&str, &str); 3] = [
    ("B3LB_API_BASE_DOMAIN", "required"),
    ("B3LB_PUBLIC_URL", "`https://{base domain}`"),
    ("B3LB_ADMIN_SOCKET", "see below"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Every document, as a path below the root with its text.
fn documents() -> Vec<(PathBuf, String)> {
    let mut paths = vec![PathBuf::from("README.md"), PathBuf::from("CHANGELOG.md")];
    let mut folders = vec![PathBuf::from("share")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if root().join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "md") {
                paths.push(path);
            }
        }
    }
    let text = |path: &PathBuf| fs::read_to_string(root().join(path)).unwrap();
    paths.iter().map(|path| (path.clone(), text(path))).collect()
}

/// The texts between `open` and `close`.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
}

#[test]
fn the_table_of_settings_is_complete() {
    let text = read("share/doc/settings.md");
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| `B3LB_")).collect();
    let command = Arguments::command();
    let settings = command.get_arguments().filter(|it| it.get_action().takes_values());
    let settings: Vec<_> = settings.collect();
    assert_eq!(rows.len(), settings.len());
    for (row, setting) in rows.iter().zip(settings) {
        let variable = format!("B3LB_{}", setting.get_id().as_str().to_ascii_uppercase());
        let in_words = IN_WORDS.iter().find(|(name, _)| *name == variable).map(|(_, text)| *text);
        let default = setting.get_default_values().first().and_then(|it| it.to_str());
        let default = match (in_words, default) {
            (Some(text), _) => text.to_owned(),
            (None, None | Some("")) => "none".to_owned(),
            (None, Some(default)) => format!("`{default}`"),
        };
        let start = format!("| `{variable}` | {default} | ");
        assert!(row.starts_with(&start), "{row}\nshould start with\n{start}");
    }
}

#[test]
fn every_kind_of_problem_is_explained() {
    let text = read("share/doc/troubleshooting.md");
    let rows: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |")).collect();
    for kind in rpc::ProblemKind::all() {
        let row = rows.iter().find(|(name, _)| *name == kind.as_str());
        assert!(
            row.is_some_and(|(_, rest)| rest.matches('|').count() == 2),
            "{kind:?} has no row, or not three columns"
        );
    }
}

#[test]
fn every_dependency_has_a_reason() {
    let manifest = read("Cargo.toml");
    let section = manifest.split("[workspace.dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let names = section.lines().filter(|line| !line.starts_with('#') && !line.contains("path = "));
    let mut names: Vec<_> = names.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name).collect();
    let text = read("share/doc/why-these-crates.md");
    let cells = text.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    let mut told: Vec<_> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    names.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, names);
}

#[test]
fn links_lead_somewhere() {
    for (path, text) in documents() {
        for target in between(&text, "](", ')').filter(|it| !it.contains("://") && !it.starts_with('#')) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = root().join(&path).parent().unwrap().join(file);
            assert!(file.exists(), "{}: {target} does not exist", path.display());
            let text = fs::read_to_string(file).unwrap();
            let mut headings = text.lines().filter_map(|line| line.strip_prefix('#'));
            let slug = |it: &str| it.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            let found = anchor.is_empty() || headings.any(|it| slug(it) == anchor);
            assert!(found, "{}: {target} has no such heading", path.display());
        }
    }
}

#[test]
fn paths_of_the_repository_exist() {
    for (path, text) in documents() {
        for code in between(&text, "`", '`') {
            let Some(named) = code.split_whitespace().next() else { continue };
            let tops = ["b3lbd/", "b3lb-cli/", "b3lb-tui/", "rpc/", "tests/", "share/"];
            // NAME, NOUN, TARGET and NNNN stand for what the reader chooses.
            let chosen = ["NAME", "NOUN", "TARGET", "NNNN"].iter().any(|it| named.contains(it));
            if tops.iter().any(|top| named.starts_with(top)) && !chosen {
                assert!(root().join(named).exists(), "{}: {named} does not exist", path.display());
            }
        }
    }
}
