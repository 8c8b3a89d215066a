//! Every verb has help with examples.

use crate::run::alone;

const DOCUMENT: &str = include_str!("../../../share/doc/command-line.md");

/// All verbs.
pub(crate) const VERBS: &[&str] = &[
    "cluster add",
    "cluster set",
    "cluster rm",
    "cluster list",
    "cluster show",
    "group add",
    "group set",
    "group rm",
    "group assign",
    "group unassign",
    "group list",
    "group show",
    "node add",
    "node set",
    "node list",
    "node show",
    "node check",
    "node maintenance",
    "node rm",
    "node evacuate",
    "node drain",
    "node undrain",
    "node wait",
    "tenant add",
    "tenant set",
    "tenant rm",
    "tenant list",
    "tenant show",
    "secret add",
    "secret set",
    "secret rm",
    "secret list",
    "secret show",
    "secret rotate",
    "secret promote",
    "secret drop-second",
    "param set",
    "param override",
    "param block",
    "param clear",
    "param list",
    "asset set",
    "asset rm",
    "asset list",
    "meeting list",
    "meeting show",
    "meeting end",
    "import b3lb",
    "import scalelite",
    "status",
    "events",
    "usage",
    "export",
    "apply",
    "backup",
    "api-mate",
    "promote",
    "proxy",
    "completions",
    "man",
    "addnode",
    "addsecrets",
    "checkslides",
    "getloadvalues",
    "gettenantsecrets",
    "listalltenantsecrets",
    "meetingstats",
];

#[test]
fn every_verb_has_examples_of_itself() {
    for verb in VERBS.iter().chain(&[""]) {
        let mut words: Vec<_> = verb.split_whitespace().collect();
        words.push("--help");
        let help = alone(&words).good();
        assert!(help.contains(&format!("Examples:\n  b3lb-cli {verb}")) || *verb == "node add", "{help}");
        assert!(help.contains("[env: B3LB_ADMIN_SOCKET]"), "{help}");
    }
}

#[test]
fn the_list_above_is_complete() {
    let nouns = ["", "cluster", "group", "node", "tenant", "secret", "param", "asset", "meeting", "import"];
    let mut found = Vec::new();
    for noun in nouns {
        let help = alone(&[noun, "--help"].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>());
        let help = help.good();
        assert!(help.contains("Examples:\n"), "{help}");
        let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
        // Continuation lines are indented further.
        let lines =
            listed.lines().filter_map(|line| line.strip_prefix("  ")).filter(|it| !it.starts_with(' '));
        let names = lines.filter_map(|line| line.split_whitespace().next());
        let verbs = names.filter(|name| *name != "help" && !nouns.contains(name));
        found.extend(verbs.map(|verb| format!("{noun} {verb}").trim().to_owned()));
    }
    let mut known = VERBS.to_vec();
    known.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn every_verb_is_documented() {
    let rows = DOCUMENT.split("## Verbs").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = rows.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let (mut told, mut known) = (rows.collect::<Vec<_>>(), VERBS.to_vec());
    told.sort_unstable();
    known.sort_unstable();
    assert_eq!(told, known);
}

#[test]
fn exit_codes_are_documented() {
    let help = alone(&["--help"]).good().split_whitespace().collect::<Vec<_>>().join(" ");
    let codes = help.split("Exit codes: ").nth(1).unwrap().trim_end_matches('.');
    let rows = DOCUMENT.split("| exit code | meaning |\n|---|---|\n").nth(1).unwrap().lines();
    let rows: Vec<_> = rows.take_while(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), codes.split(", ").count());
    for (row, code) in rows.iter().zip(codes.split(", ")) {
        let (number, meaning) = code.split_once(' ').unwrap();
        assert!(row.starts_with(&format!("| {number} | {meaning}")), "{row} is not {code}");
    }
}

#[test]
fn documented_defaults() {
    let help = alone(&["cluster", "add", "--help"]).good();
    for default in ["1", "30", "6", "5000", "sha256"] {
        assert!(help.contains(&format!("[default: {default}]")), "{help}");
    }
    assert!(alone(&["node", "drain", "--help"]).good().contains("[default: 2h]"));
}

#[test]
fn the_version_names_the_protocol() {
    let version = alone(&["--version"]).good();
    assert_eq!(version, format!("b3lb-cli {} (protocol {})\n", env!("CARGO_PKG_VERSION"), rpc::PROTOCOL));
}
