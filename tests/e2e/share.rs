//! What operators install from `share/` works with the real programs.

mod ansible;
mod by_hand;
mod dns;
mod docker;
mod grafana;
mod node;
mod prometheus;
mod proxies;
mod systemd;

use std::path::{Path, PathBuf};

/// A file or folder below `share/`.
fn share(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("share").join(path)
}
