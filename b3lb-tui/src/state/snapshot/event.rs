//! An event of the daemon's journal.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rpc::{Event, EventKind, Severity};

use crate::state::filter::fold;
use crate::text::clean;

/// Events that are kept; the oldest are dropped first.
pub const EVENTS_KEPT: usize = 1000;

/// An event.
#[derive(Clone, Debug)]
pub struct LoggedEvent {
    /// Grows with every event, also across restarts of the daemon. It identifies the event.
    pub number: i64,
    /// [`LoggedEvent::number`] as text.
    pub key: String,
    /// `11-30 08:15:00`, UTC.
    pub at: String,
    /// Its kind.
    pub kind: EventKind,
    /// Its severity.
    pub severity: Severity,
    /// What it is about, such as `node bbb-001.example.org`.
    pub subject: String,
    /// What happened.
    pub text: String,
    /// The operator who caused it.
    pub who: Option<String>,
    searched: String,
}

impl LoggedEvent {
    /// Sanitizes an event of the daemon.
    pub fn new(number: i64, event: &Event) -> Self {
        let at = match event.at.parse::<Timestamp>() {
            Ok(at) => at.to_zoned(TimeZone::UTC).strftime("%m-%d %H:%M:%S").to_string(),
            Err(_) => clean(&event.at),
        };
        let (kind, severity) = (event.kind, event.severity);
        let [subject, mut text] = [&event.subject, &event.text].map(|it| clean(it));
        if event.count > 1 {
            let _ = write!(text, " ({} times)", event.count);
        }
        let who = event.who.as_deref().map(clean);
        let words = [&at, kind.as_str(), severity.as_str(), &subject, &text, who.as_deref().unwrap_or("")];
        let searched = fold(&words.join(" "));
        Self { number, key: number.to_string(), at, kind, severity, subject, text, who, searched }
    }

    /// Whether the row contains `word`, which is in lower case.
    pub fn contains(&self, word: &str) -> bool {
        self.searched.contains(word)
    }
}
