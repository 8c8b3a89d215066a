//! Counters and histograms of events. Handles are created once; counting is an atomic operation.

use std::collections::HashMap;
use std::time::Duration;

use metrics::{Counter, Histogram, Unit};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use metrics_process::Collector;
use strum::{IntoStaticStr, VariantArray};

/// Bucket boundaries of latencies in seconds: from a redirect served from memory to a node's timeout.
const LATENCIES: [f64; 14] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// Answered as requested, or passed on from the node.
    Success,
    /// Refused by B3LB with FAILED.
    Failed,
    /// Wrong checksum or unknown tenant.
    Denied,
    /// Not served: wrong method, unknown call, or too large.
    Rejected,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The counters and histograms.
pub struct Metrics {
    requests: HashMap<(&'static str, Outcome), (Counter, Histogram)>,
    /// Duration of polls of nodes, in seconds.
    pub polls: Histogram,
    /// Failed polls.
    pub failed_polls: Counter,
    /// Creates that were sent to another node after a failure.
    pub retries: Counter,
    /// Dropped `join` parameters that nodes could not write to their lists.
    pub dropped_user_data: Counter,
    /// Duration of database commits, in seconds.
    pub commits: Histogram,
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    process: Collector,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Starts from zero; `calls` are the values of the call label.
    pub fn new(calls: &[&'static str]) -> Result<Self, BuildError> {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCIES)?
            .build_recorder();
        let handle = recorder.handle();
        let process = Collector::default();
        // Handles are bound to this recorder, so that two daemons in one process stay separate.
        let requests = metrics::with_local_recorder(&recorder, || {
            describe(&process);
            let kinds =
                calls.iter().flat_map(|call| Outcome::VARIANTS.iter().map(|outcome| (*call, *outcome)));
            kinds.map(|(call, outcome)| ((call, outcome), request_handles(call, outcome))).collect()
        });
        let (polls, failed_polls, retries, dropped_user_data, commits) =
            metrics::with_local_recorder(&recorder, || {
                (
                    metrics::histogram!("b3lb_node_poll_duration_seconds"),
                    metrics::counter!("b3lb_node_polls_failed_total"),
                    metrics::counter!("b3lb_placement_retries_total"),
                    metrics::counter!("b3lb_user_data_dropped_total"),
                    metrics::histogram!("b3lb_store_commit_duration_seconds"),
                )
            });
        Ok(Self {
            requests,
            polls,
            failed_polls,
            retries,
            dropped_user_data,
            commits,
            recorder,
            handle,
            process,
        })
    }

    /// Counts an answered request.
    pub fn request(&self, call: &'static str, outcome: Outcome, took: Duration) {
        if let Some((count, latency)) = self.requests.get(&(call, outcome)) {
            count.increment(1);
            latency.record(took);
        }
    }

    /// Aggregates histogram samples. Must be called regularly, or memory use grows.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// Renders everything in Prometheus' text format.
    pub fn render(&self) -> String {
        metrics::with_local_recorder(&self.recorder, || self.process.collect());
        self.handle.render()
    }
}

fn request_handles(call: &'static str, outcome: Outcome) -> (Counter, Histogram) {
    let outcome = outcome.as_str();
    (
        metrics::counter!("b3lb_requests_total", "call" => call, "outcome" => outcome),
        metrics::histogram!("b3lb_request_duration_seconds", "call" => call, "outcome" => outcome),
    )
}

fn describe(process: &Collector) {
    process.describe();
    metrics::describe_counter!("b3lb_requests_total", "API requests by call and outcome");
    metrics::describe_histogram!(
        "b3lb_request_duration_seconds",
        Unit::Seconds,
        "Time to answer API requests"
    );
    metrics::describe_histogram!(
        "b3lb_node_poll_duration_seconds",
        Unit::Seconds,
        "Time that polls of nodes took"
    );
    metrics::describe_counter!("b3lb_node_polls_failed_total", "Polls of nodes that failed");
    metrics::describe_counter!(
        "b3lb_placement_retries_total",
        "Creates sent to another node after a failure"
    );
    metrics::describe_counter!(
        "b3lb_user_data_dropped_total",
        "userdata- parameters of joins that were dropped because their names are not XML names"
    );
    metrics::describe_histogram!(
        "b3lb_store_commit_duration_seconds",
        Unit::Seconds,
        "Time that database commits took"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_is_rendered_with_help_and_buckets() {
        let metrics = Metrics::new(&["join"]).unwrap();
        metrics.request("join", Outcome::Success, Duration::from_millis(2));
        metrics.request("unheard of", Outcome::Success, Duration::from_millis(2));
        let text = metrics.render();
        for line in [
            "# HELP b3lb_requests_total API requests by call and outcome",
            "# TYPE b3lb_requests_total counter",
            "b3lb_requests_total{call=\"join\",outcome=\"success\"} 1",
            "b3lb_request_duration_seconds_bucket{call=\"join\",outcome=\"success\",le=\"0.0025\"} 1",
            "# TYPE process_resident_memory_bytes gauge",
        ] {
            assert!(text.contains(line), "{line} is missing in:\n{text}");
        }
    }
}
