//! The Events tab: changes by operators, health of nodes, failures. The latest events come first.

use rpc::Severity;

use super::column::{Cell, CellContext, Column, name, sentence, text};
use super::screen::Screen;
use crate::page::Page;
use crate::state::State;
use crate::state::list::Sort;
use crate::state::snapshot::LoggedEvent;

/// The Events tab.
pub struct Events;

impl Screen for Events {
    type Row = LoggedEvent;

    const TITLE: &'static str = "Events";
    const ABOUT: &'static str = "What happened";
    const NOUN: &'static str = "event";
    const EMPTY: &'static str = "Nothing has happened yet.";
    const SORTED_BY: Sort = Sort { column: 0, descending: true };
    const FOLLOWS_TOP: bool = true;
    const COLUMNS: &'static [Column<LoggedEvent>] = &[
        name("TIME (UTC)", 14..=14, 0).of(
            |event, _| event.number.into(),
            |event, cx| Cell::from(event.at.as_str()).style(cx.look.theme.dim),
        ),
        name("SEVERITY", 9..=9, 0).of(|event, _| rank(event.severity).into(), severity),
        name("KIND", 7..=7, 2)
            .of(|event, _| text(event.kind.as_str()), |event, _| event.kind.as_str().into()),
        name("SUBJECT", 18..=27, 0)
            .of(|event, _| text(&event.subject), |event, _| event.subject.as_str().into()),
        sentence("WHAT HAPPENED", 24..=120, 0)
            .of(|event, _| text(&event.text), |event, _| event.text.as_str().into()),
        name("WHO", 12..=14, 1).of(
            |event, _| text(event.who.as_deref().unwrap_or_default()),
            |event, _| event.who.as_deref().unwrap_or_default().into(),
        ),
    ];

    fn details(page: &mut Page, _: &State, event: &LoggedEvent) {
        let severity = format!("{} {}", page.look.glyphs.severity(event.severity), event.severity.as_str());
        page.title(&event.subject, &severity, page.look.theme.severity(event.severity));
        page.field("when", &format!("{} UTC", event.at));
        page.field("kind", event.kind.as_str());
        page.field("who", event.who.as_deref().unwrap_or("nobody: it happened by itself"));
        page.gap();
        page.text(&event.text);
    }
}

fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 0,
        Severity::Warning => 1,
        Severity::Error => 2,
    }
}

fn severity<'a>(event: &'a LoggedEvent, cx: &CellContext<'a>) -> Cell<'a> {
    let (theme, glyphs) = (&cx.look.theme, &cx.look.glyphs);
    let text = format!("{} {}", glyphs.severity(event.severity), event.severity.as_str());
    Cell::from(text).style(theme.severity(event.severity))
}
