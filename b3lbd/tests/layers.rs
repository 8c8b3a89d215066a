//! Imports go down only: HTTP and RPC -> lifecycle -> state, store, nodes -> pure modules.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::path::{Path, PathBuf};

/// Each room, and the rooms that it may import from.
const MODULES: [(&str, &[&str]); 29] = [
    ("bbb", &[]),
    ("model", &["bbb"]),
    ("health", &["model"]),
    ("history", &[]),
    ("placement", &["model"]),
    ("problems", &["model"]),
    ("role", &[]),
    ("tls", &[]),
    ("shared", &["role", "tls"]),
    ("litestream", &["role", "shared"]),
    ("nodes", &["bbb", "model", "tls"]),
    ("telemetry", &[]),
    ("callback", &["nodes", "tls"]),
    ("store", &["bbb", "history", "model"]),
    ("state", &["bbb", "health", "history", "model", "placement", "problems", "role"]),
    ("primary", &["role", "state", "tls"]),
    (
        "lifecycle",
        &[
            "bbb",
            "health",
            "history",
            "model",
            "nodes",
            "placement",
            "problems",
            "state",
            "store",
            "telemetry",
        ],
    ),
    ("poll", &["bbb", "health", "lifecycle", "model", "nodes", "placement", "state", "store"]),
    (
        "api",
        &["bbb", "health", "lifecycle", "model", "nodes", "primary", "role", "state", "store", "telemetry"],
    ),
    (
        "admin",
        &["bbb", "health", "history", "lifecycle", "model", "nodes", "primary", "role", "state", "store"],
    ),
    ("jobs", &["bbb", "callback", "history", "lifecycle", "model", "state", "store"]),
    ("replication", &["lifecycle", "litestream", "model", "primary", "role", "shared", "state", "store"]),
    ("config", &["bbb", "health", "model", "nodes", "poll", "replication", "shared", "store"]),
    ("tasks", &[]),
    ("service", &[]),
    ("logging", &["config", "model"]),
    (
        "app",
        &[
            "admin",
            "api",
            "bbb",
            "callback",
            "config",
            "jobs",
            "lifecycle",
            "model",
            "nodes",
            "poll",
            "primary",
            "replication",
            "service",
            "state",
            "store",
            "tasks",
            "telemetry",
        ],
    ),
    ("demo", &["app", "bbb", "config", "tls"]),
    ("main", &["app", "config", "demo", "logging", "replication"]),
];

/// Crates that only some rooms know.
const CRATES: [(&str, &[&str]); 10] = [
    ("axum", &["api"]),
    ("hyper", &["api", "callback"]),
    ("hyper_util", &["api", "callback"]),
    ("rusqlite", &["store"]),
    ("r2d2", &["store"]),
    ("object_store", &["shared"]),
    ("reqwest", &["demo", "nodes", "primary"]),
    ("tokio_rustls", &["callback", "tls"]),
    ("tarpc", &["admin"]),
    ("rpc", &["admin", "demo", "model"]),
];

/// Modules without clock and I/O.
const PURE: [&str; 7] = ["bbb", "model", "health", "history", "placement", "problems", "role"];

fn sources(module: &str) -> Vec<(PathBuf, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = source.join(format!("{module}.rs"));
    if file.exists() {
        let text = fs::read_to_string(&file).unwrap();
        return vec![(file, text)];
    }
    let mut folders = vec![source.join(module)];
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
fn every_module_is_listed() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(source).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            name == "lib" || MODULES.iter().any(|(module, _)| *module == name),
            "{name} is missing in MODULES"
        );
    }
}

#[test]
fn rooms_import_from_below_only() {
    for (module, below) in MODULES {
        for (path, text) in sources(module) {
            for name in names_behind(&text, "crate::").into_iter().chain(names_behind(&text, "b3lbd::")) {
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
