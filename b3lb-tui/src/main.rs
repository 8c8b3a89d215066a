//! The terminal dashboard of B3LB, whose turn comes later.

use std::process::ExitCode;

fn main() -> ExitCode {
    eprintln!(
        "b3lb-tui: the dashboard is not there yet; until then: b3lb-cli node list, b3lb-cli meeting list"
    );
    ExitCode::FAILURE
}
