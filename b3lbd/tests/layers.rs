//! Imports go down only: HTTP and RPC -> lifecycle -> state, store, nodes -> pure modules.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::path::{Path, PathBuf};

/// Each module, and the modules that it may import from.
const MODULES: [(&str, &[&str]); 15] = [
    ("bbb", &[]),
    ("model", &["bbb"]),
    ("health", &[]),
    ("placement", &["model"]),
    ("nodes", &["bbb", "model"]),
    ("telemetry", &[]),
    ("callback", &["nodes"]),
    ("store", &["bbb", "model", "placement"]),
    ("state", &["bbb", "health", "model", "placement", "store"]),
    ("lifecycle", &["bbb", "health", "model", "nodes", "placement", "state", "store", "telemetry"]),
    ("poll", &["bbb", "health", "lifecycle", "model", "nodes", "placement", "state", "store"]),
    ("api", &["bbb", "health", "lifecycle", "model", "nodes", "state", "store", "telemetry"]),
    ("admin", &["bbb", "health", "lifecycle", "model", "nodes", "state", "store"]),
    ("jobs", &["bbb", "callback", "lifecycle", "model", "state", "store"]),
    ("config", &["bbb", "health", "model", "nodes", "poll", "store"]),
];

/// Crates that only some modules may use.
const CRATES: [(&str, &[&str]); 8] = [
    ("axum", &["api"]),
    ("hyper", &["api", "callback"]),
    ("hyper_util", &["api", "callback"]),
    ("rusqlite", &["store"]),
    ("r2d2", &["store"]),
    ("reqwest", &["nodes"]),
    ("tarpc", &["admin"]),
    ("rpc", &["admin"]),
];

/// Modules without clock and I/O.
const PURE: [&str; 4] = ["bbb", "model", "health", "placement"];

fn sources(module: &str) -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(module)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{module} is empty");
    found
}

/// Names that follow `prefix` in `text`, such as the `x` of `crate::x`.
fn names_behind<'a>(text: &'a str, prefix: &str) -> Vec<&'a str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let behind = text.match_indices(prefix).map(|(at, _)| &text[at + prefix.len()..]);
    behind.filter_map(|rest| rest.split(|c| !is_name(c)).next()).filter(|name| !name.is_empty()).collect()
}

#[test]
fn modules_import_from_below_only() {
    for (module, below) in MODULES {
        for (path, text) in sources(module) {
            for name in names_behind(&text, "crate::") {
                assert!(
                    name == module || below.contains(&name),
                    "{}: {module} must not use {name}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn each_crate_stays_in_its_modules() {
    for (module, _) in MODULES {
        for (path, text) in sources(module) {
            for (name, modules) in CRATES {
                let used = [
                    format!("use {name}::"),
                    format!(" {name}::"),
                    format!("({name}::"),
                    format!("<{name}::"),
                ];
                let used = used.iter().any(|it| text.contains(it.as_str()));
                assert!(
                    !used || modules.contains(&module),
                    "{}: {module} must not use {name}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn pure_modules_have_no_clock_and_no_io() {
    for module in PURE {
        for (path, text) in sources(module) {
            for banned in ["tokio::", "Instant::now", "SystemTime", "std::fs", "std::net::Tcp", ".await"] {
                assert!(!text.contains(banned), "{}: {module} is pure, but has {banned}", path.display());
            }
        }
    }
}
