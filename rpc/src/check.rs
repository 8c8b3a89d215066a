//! A node examined on the spot.

use serde::{Deserialize, Serialize};

/// What is examined, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckItem {
    /// Its name resolves.
    Dns,
    /// A connection can be made.
    Tcp,
    /// Its certificate is good.
    Tls,
    /// It answers as BBB does, and in which version.
    Api,
    /// It accepts our secret.
    Secret,
    /// The load URL tells a sane figure.
    Load,
    /// Its clock agrees with ours.
    Clock,
    /// It answers fast.
    Latency,
}

impl CheckItem {
    /// The word for it, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Api => "api",
            Self::Secret => "secret",
            Self::Load => "load",
            Self::Clock => "clock",
            Self::Latency => "latency",
        }
    }
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Works, but somebody should look.
    Warning,
    /// Does not work.
    Bad,
    /// Not examined, because something before it does not work.
    Skipped,
}

impl Verdict {
    /// The word for it, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Skipped => "skipped",
        }
    }
}

/// One examination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was examined.
    pub item: CheckItem,
    /// What came out.
    pub verdict: Verdict,
    /// Details in words: addresses, figures, or what is wrong and what to do.
    pub text: String,
}

/// A node examined on the spot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeCheck {
    /// `slug.domain`.
    pub node: String,
    /// No finding is bad.
    pub good: bool,
    /// The BBB version that it tells.
    pub bbb_version: Option<String>,
    /// How long the API took to answer, in milliseconds.
    pub latency_ms: Option<u64>,
    /// How far its clock is ahead of ours, in seconds.
    pub clock_ahead_seconds: Option<i64>,
    /// Each examination.
    pub findings: Vec<Finding>,
}
