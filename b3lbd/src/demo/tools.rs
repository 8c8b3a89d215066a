//! Builds the tools that the demo's commands run, if cargo has built only the daemon.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

/// The command line and the dashboard.
const TOOLS: [&str; 2] = ["b3lb-cli", "b3lb-tui"];

/// The executable of a tool, which is beside our own.
pub(super) fn path_of(tool: &str) -> Option<PathBuf> {
    std::env::current_exe().ok().map(|it| it.with_file_name(tool))
}

/// Under `cargo run`, builds missing tools, so that the printed commands start at once. Cargo shows the progress.
pub async fn build_missing() {
    let missing = TOOLS.iter().any(|it| path_of(it).is_some_and(|path| !path.exists()));
    // Cargo sets this for the programs that it runs.
    let Some(cargo) = std::env::var_os("CARGO").filter(|_| missing) else { return };
    let Some(arguments) = std::env::current_exe().ok().as_deref().and_then(arguments) else { return };
    eprintln!("The demo builds the command line and the dashboard, too.");
    let build = Command::new(cargo)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status();
    match build.await {
        Ok(status) if status.success() => {}
        Ok(status) => eprintln!("The tools could not be built ({status}); the demo works without them."),
        Err(error) => eprintln!("The tools could not be built ({error}); the demo works without them."),
    }
}

/// What to pass to cargo, so that the tools are built as the daemon at `TARGET/PROFILE/b3lbd` was.
fn arguments(daemon: &Path) -> Option<Vec<OsString>> {
    let profile = daemon.parent()?;
    let target = profile.parent()?;
    let name = match profile.file_name()?.to_str()? {
        "debug" => "dev",
        name => name,
    };
    let mut arguments: Vec<OsString> =
        ["build", "--locked", "--profile", name, "--target-dir"].map(OsString::from).into();
    arguments.push(target.into());
    arguments.extend(TOOLS.iter().flat_map(|tool| ["-p", tool]).map(OsString::from));
    Some(arguments)
}
