//! The result of checking a node on demand.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// What is checked, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CheckItem {
    /// Its name resolves.
    Dns,
    /// A TCP connection can be opened.
    Tcp,
    /// Its certificate is valid.
    Tls,
    /// It answers like BBB and reports its version.
    Api,
    /// It accepts our secret.
    Secret,
    /// The load URL returns a plausible value.
    Load,
    /// Its clock agrees with ours.
    Clock,
    /// It answers fast.
    Latency,
}

impl CheckItem {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Verdict {
    /// Works as expected.
    Good,
    /// Works, but deserves a look.
    Warning,
    /// Does not work.
    Bad,
    /// Not checked, because an earlier check failed.
    Skipped,
}

impl Verdict {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was checked.
    pub item: CheckItem,
    /// The outcome.
    pub verdict: Verdict,
    /// Details in words: addresses and values, or what is wrong and how to fix it.
    pub text: String,
}

/// The results of checking a node on demand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeCheck {
    /// `slug.domain`.
    pub node: String,
    /// No check failed.
    pub good: bool,
    /// The BBB version that the node reports.
    pub bbb_version: Option<String>,
    /// How long the API took to answer, in milliseconds.
    pub latency_ms: Option<u64>,
    /// How far its clock is ahead of ours, in seconds.
    pub clock_ahead_seconds: Option<i64>,
    /// The result of each check.
    pub findings: Vec<Finding>,
}
