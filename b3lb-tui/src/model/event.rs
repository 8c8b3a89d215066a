//! An event as the dashboard keeps it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rpc::{Event, EventKind, Severity};

use crate::filter::fold;
use crate::text::clean;

/// How many events are kept; older ones go.
pub const EVENTS_KEPT: usize = 1000;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct LoggedEvent {
    /// Grows with every event, also over restarts of the daemon: its identity.
    pub number: i64,
    /// The number as text.
    pub key: String,
    /// `11-30 08:15:00`, UTC.
    pub at: String,
    /// What it is about.
    pub kind: EventKind,
    /// How much it matters.
    pub severity: Severity,
    /// The thing.
    pub subject: String,
    /// What happened to it.
    pub text: String,
    /// Who did it.
    pub who: Option<String>,
    searched: String,
}

impl LoggedEvent {
    /// Takes over an event.
    pub fn new(number: i64, event: &Event) -> Self {
        let at = match event.at.parse::<Timestamp>() {
            Ok(at) => at.to_zoned(TimeZone::UTC).strftime("%m-%d %H:%M:%S").to_string(),
            Err(_) => clean(&event.at),
        };
        let (kind, severity) = (event.kind, event.severity);
        let [subject, text] = [&event.subject, &event.text].map(|it| clean(it));
        let who = event.who.as_deref().map(clean);
        let words = [&at, kind.as_str(), severity.as_str(), &subject, &text, who.as_deref().unwrap_or("")];
        let searched = fold(&words.join(" "));
        Self { number, key: number.to_string(), at, kind, severity, subject, text, who, searched }
    }

    /// Whether a word, in lower case, is somewhere in what is shown of it.
    pub fn has(&self, word: &str) -> bool {
        self.searched.contains(word)
    }
}
