//! Imports go one way only: edge -> update -> view -> screens -> state -> the rest. No two files import each
//! other, neither directly nor through others.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Each room, and the rooms that it may import from.
const ROOMS: [(&str, &[&str]); 11] = [
    ("text", &[]),
    ("theme", &[]),
    ("message", &[]),
    ("keys", &[]),
    ("chart", &["theme"]),
    ("page", &["chart", "text", "theme"]),
    ("state", &["keys", "message", "text", "theme"]),
    ("screens", &["chart", "keys", "message", "page", "state", "text", "theme"]),
    ("view", &["keys", "page", "screens", "state", "text", "theme"]),
    ("update", &["keys", "message", "screens", "state", "text", "view"]),
    ("edge", &["message", "screens", "state", "text", "theme", "update", "view"]),
];

/// Crates that only some rooms know.
const CRATES: [(&str, &[&str]); 4] =
    [("tokio", &["edge"]), ("tarpc", &["edge"]), ("nix", &["edge"]), ("std::io", &["edge"])];

/// Paths of modules, such as `state::list`, with their code. Comments and unit tests are left out.
fn modules() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let module = path.strip_prefix(&root).unwrap().with_extension("");
            let module = module.to_str().unwrap().replace('/', "::");
            let module = module.strip_suffix("::mod").unwrap_or(&module).to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default().lines();
            let code: Vec<_> = code.filter(|line| !line.trim_start().starts_with("//")).collect();
            found.insert(module, code.join("\n"));
        }
    }
    found.retain(|module, _| !matches!(module.as_str(), "lib" | "main"));
    found
}

/// Every path in the code, with groups such as `a::{b, c}` expanded.
fn paths(code: &str) -> Vec<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(start) = rest.find(is_name) {
        rest = &rest[start..];
        let end = rest.find(|c| !is_name(c) && c != ':').unwrap_or(rest.len());
        let path = &rest[..end];
        rest = &rest[end..];
        if let Some(prefix) = path.strip_suffix("::")
            && rest.starts_with('{')
        {
            let group = &rest[1..closing(rest)];
            found.extend(paths(group).into_iter().map(|it| format!("{prefix}::{it}")));
            rest = &rest[group.len() + 2..];
        } else {
            found.push(path.trim_end_matches(':').to_owned());
        }
    }
    found
}

/// Index of the brace that closes the group at the start of the text.
fn closing(text: &str) -> usize {
    let mut depth = 0;
    let closes = |c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth == 0
    };
    text.find(closes).unwrap()
}

/// The modules that a module imports from.
fn imports<'a>(modules: &'a BTreeMap<String, String>, module: &str, code: &str) -> BTreeSet<&'a str> {
    let parent = module.rsplit_once("::").map_or("", |it| it.0);
    let absolute = |path: String| match path.split_once("::") {
        Some(("crate", rest)) => rest.to_owned(),
        Some(("self", rest)) => format!("{module}::{rest}"),
        Some(("super", rest)) => format!("{parent}::{rest}"),
        _ => format!("{module}::{path}"),
    };
    let defined_in = |path: String| {
        let mut path = path.as_str();
        loop {
            if let Some((known, _)) = modules.get_key_value(path) {
                return Some(known.as_str());
            }
            path = path.rsplit_once("::")?.0;
        }
    };
    let mut imports: BTreeSet<_> = paths(code).into_iter().map(absolute).filter_map(defined_in).collect();
    imports.remove(module);
    // `mod child;` declares a module and imports nothing.
    imports.retain(|it| {
        let child = it.strip_prefix(module).and_then(|it| it.strip_prefix("::"));
        child.is_none_or(|name| code.contains(&format!("{name}::")))
    });
    imports
}

fn room(module: &str) -> &str {
    module.split("::").next().unwrap()
}

#[test]
fn rooms_import_from_below_only() {
    let modules = modules();
    for (module, code) in &modules {
        let (_, below) = ROOMS.iter().find(|it| it.0 == room(module)).expect(module);
        for import in imports(&modules, module, code) {
            let allowed = room(import) == room(module) || below.contains(&room(import));
            assert!(allowed, "{module} must not import {import}");
        }
    }
}

#[test]
fn files_do_not_import_each_other() {
    let modules = modules();
    let mut open: BTreeMap<_, _> =
        modules.iter().map(|(module, code)| (module.as_str(), imports(&modules, module, code))).collect();
    assert!(open["screens"].contains("screens::nodes") && open["screens::nodes"].contains("page"));
    loop {
        let done: Vec<_> = open.iter().filter(|it| it.1.is_empty()).map(|it| *it.0).collect();
        if done.is_empty() {
            break;
        }
        open.retain(|module, _| !done.contains(module));
        for imports in open.values_mut() {
            imports.retain(|it| !done.contains(it));
        }
    }
    assert!(open.is_empty(), "a circle is among {open:#?}");
}

#[test]
fn each_crate_stays_in_its_rooms() {
    for (module, code) in &modules() {
        for (name, rooms) in CRATES {
            let used = paths(code).iter().any(|it| it.starts_with(&format!("{name}::")));
            assert!(!used || rooms.contains(&room(module)), "{module} must not know {name}");
        }
    }
}

#[test]
fn state_view_and_update_have_no_clock() {
    for (module, code) in &modules() {
        for clock in ["Instant::now", "SystemTime", "Timestamp::now"] {
            assert!(room(module) == "edge" || !code.contains(clock), "{module} is pure, but has {clock}");
        }
    }
}
