//! Bodies of the fuzz targets, and a seeded source of input for them. `tests/fuzz` runs them without end, the
//! end-to-end tests for a bounded time.

mod mutator;
pub mod targets;

use std::path::Path;

pub use mutator::Mutator;

/// The seed files of a target, in order of their names.
///
/// # Panics
/// If there are none.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = files.map(|file| file.expect("the folder can be read").path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a seed can be read")).collect()
}
