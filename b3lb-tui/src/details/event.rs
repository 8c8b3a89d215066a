//! The details of an event: all of its text.

use super::Page;
use crate::model::LoggedEvent;

pub(super) fn write(page: &mut Page, event: &LoggedEvent) {
    let severity = format!("{} {}", page.look.glyphs.severity(event.severity), event.severity.as_str());
    page.title(&event.subject, &severity, page.look.theme.severity(event.severity));
    page.field("when", &format!("{} UTC", event.at));
    page.field("kind", event.kind.as_str());
    page.field("who", event.who.as_deref().unwrap_or("nobody: it happened by itself"));
    page.gap();
    page.text(&event.text);
}
