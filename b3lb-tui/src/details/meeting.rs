//! The details of a meeting.

use super::Page;
use crate::model::Meeting;
use crate::state::State;
use crate::text::{count, duration};

pub(super) fn write(page: &mut Page, state: &State, meeting: &Meeting) {
    page.title(&meeting.name, &meeting.secret, page.look.theme.strong);
    page.field("id", &meeting.id);
    let node = state.picture.nodes.get(&meeting.node);
    match node {
        Some(node) => {
            let health = page.look.glyphs.state(node.state(), node.maintenance());
            let style = page.look.theme.state(node.state(), node.maintenance());
            page.styled_field("node", &format!("{} {} {health}", node.name, page.look.glyphs.dot), style);
        }
        None => page.field("node", "not known"),
    }
    page.field("runs for", &duration(meeting.age(state.daemon_clock())));
    if let Ok(at) = jiff::Timestamp::from_millisecond(meeting.created_at) {
        page.field("began", &at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    }
    let counts = meeting.counts;
    page.heading("People");
    let all = f64::from(counts.attendees);
    page.bar("attendees", &count(counts.attendees), all, all);
    for (label, figure) in
        [("moderators", counts.moderators), ("voices", counts.voices), ("listeners", counts.listeners)]
    {
        page.bar(label, &count(figure), f64::from(figure), all);
    }
    page.bar("cameras", &count(counts.videos), f64::from(counts.videos), all);
    if let Some(tenant) = meeting.secret.rsplit_once('-').and_then(|(slug, _)| state.picture.tenant(slug)) {
        page.heading("Tenant");
        page.field("slug", &tenant.slug);
        page.field("description", &tenant.description);
        page.field("group", &tenant.group);
    }
}
