//! Measures the daemon against a ceiling: a bare axum handler that returns a constant answer of the same
//! size, on the same machine, with the same load, in the same run. Prints ratios; judges nothing.
//!
//! `tests/bench/run` builds and starts it. `bench ceiling` is the ceiling's own process.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may fail")]

mod ceiling;
mod forecast;
mod history;
mod load;
mod placement;
mod replica;
mod scale;
mod scenarios;

use std::time::Duration;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("ceiling") => ceiling::serve(&args[1..]).await,
        wanted => {
            let seconds = std::env::var("BENCH_SECONDS").ok().and_then(|it| it.parse().ok()).unwrap_or(3.0);
            scenarios::run(wanted, Duration::from_secs_f64(seconds)).await
        }
    }
}
