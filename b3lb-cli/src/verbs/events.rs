//! `events`: prints past events, and follows new ones

use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use rpc::{Event, EventFilter};
use rpc_client::{Failure, clean};

use crate::app::App;
use crate::args::events::{Events, Since};
use crate::daemon::{Daemon, Patient};
use crate::out::{document, print, print_while_read};
use crate::time;

/// Maximum time that one call waits for the next event.
const WAIT: Duration = Duration::from_secs(30);

pub(super) async fn run(app: &App, events: Events) -> Result<(), Failure> {
    if events.audit {
        return super::audit::run(app, events).await;
    }
    let since = events.since;
    let mut filter = EventFilter {
        after: None,
        kinds: events.kind.clone(),
        severity: events.severity,
        subject: events.subject,
    };
    let daemon = app.connect().await?;
    if events.follow {
        return follow(app, daemon, filter, since).await;
    }
    let mut all = Vec::new();
    loop {
        let more = ask(&daemon, &filter, Duration::ZERO).await?;
        advance(&mut filter, &more);
        if more.is_empty() {
            break;
        }
        all.extend(more.into_iter().filter(|event| is_since(event, since)));
    }
    if app.out.is_json() {
        return document(&all);
    }
    let lines: Vec<_> = all.iter().map(line).collect();
    if lines.is_empty() { Ok(()) } else { print(&lines.join("\n")) }
}

/// Prints events until the reader closes the pipe. Goes on after a restart of the daemon.
async fn follow(
    app: &App,
    daemon: Rc<Daemon>,
    mut filter: EventFilter,
    since: Option<Since>,
) -> Result<(), Failure> {
    // The daemon must answer before the call times out.
    let wait = WAIT.min(daemon.timeout() / 2);
    let mut patient = Patient::new(app, daemon, None);
    loop {
        let events = patient.ask(async |daemon| ask(daemon, &filter, wait).await).await?;
        advance(&mut filter, &events);
        for event in events.iter().filter(|event| is_since(event, since)) {
            let text = if app.out.is_json() { serde_json::to_string(event)? } else { line(event) };
            if !print_while_read(&text)? {
                return Ok(());
            }
        }
    }
}

/// The next events that pass the filter.
async fn ask(daemon: &Daemon, filter: &EventFilter, wait: Duration) -> Result<Vec<Event>, Failure> {
    let wait = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
    let wanted = filter.clone();
    daemon.call(|client, deadline| client.event_list(deadline, wanted, wait)).await
}

/// Advances the filter past these events.
fn advance(filter: &mut EventFilter, events: &[Event]) {
    if let Some(last) = events.last() {
        filter.after = Some(last.seq);
    }
}

fn is_since(event: &Event, since: Option<Since>) -> bool {
    let at: Result<Timestamp, _> = event.at.parse();
    match (at, since) {
        (Ok(at), Some(Since(since))) => at >= since,
        _ => true,
    }
}

/// An event as one line. Not a table, which might truncate it.
pub(super) fn line(event: &Event) -> String {
    let Event { at, kind, severity, subject, text, who, count, .. } = event;
    let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
    let by = who.as_ref().map_or(String::new(), |who| format!(", by {}", clean(who)));
    let (kind, severity) = (kind.as_str(), severity.as_str());
    let (at, subject, text) = (clean(&time::stamp(at)), clean(subject), clean(text));
    format!("{at}  {severity:7}  {kind:7}  {subject}: {text}{times}{by}")
}
