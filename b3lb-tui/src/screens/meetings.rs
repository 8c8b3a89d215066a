//! The Meetings tab: the largest meetings come first.

use super::column::{Cell, Column, name, number, text};
use super::screen::Screen;
use crate::keys::Action;
use crate::page::Page;
use crate::state::State;
use crate::state::list::Sort;
use crate::state::snapshot::{Meeting, Snapshot};
use crate::text::{age, count, duration};

/// A column with a figure of a meeting.
macro_rules! figure {
    ($title:literal, $field:ident, $width:literal, $priority:literal) => {
        number($title, $width..=$width, $priority)
            .of(|meeting, _| meeting.stats.$field.into(), |meeting, _| count(meeting.stats.$field).into())
    };
}

/// The Meetings tab.
pub struct Meetings;

impl Screen for Meetings {
    type Row = Meeting;

    const TITLE: &'static str = "Meetings";
    const ABOUT: &'static str = "Running meetings";
    const NOUN: &'static str = "meeting";
    const EMPTY: &'static str = "No meetings are running.";
    const SORTED_BY: Sort = Sort { column: 3, descending: true };
    const ACTIONS: &'static [Action] =
        &[Action::EndMeeting, Action::VisitNode, Action::Mark, Action::MarkAll];
    const LIST_NEEDS_MEETINGS: bool = true;
    const COLUMNS: &'static [Column<Meeting>] = &[
        name("MEETING", 24..=48, 0)
            .of(|meeting, _| text(&meeting.sort_name), |meeting, _| meeting.name.as_str().into()),
        name("TENANT", 14..=14, 0)
            .of(|meeting, _| text(&meeting.secret), |meeting, _| meeting.secret.as_str().into()),
        name("NODE", 19..=36, 1).of(
            |meeting, snapshot| text(snapshot.node_name(meeting.node)),
            |meeting, cx| cx.snapshot.node_name(meeting.node).into(),
        ),
        figure!("ATTENDEES", attendees, 10, 0),
        number("AGE", 7..=7, 1)
            .of(|meeting, _| (-meeting.created_at).into(), |meeting, cx| age(meeting.age(cx.now)).into()),
        figure!("VOICES", voices, 7, 2),
        figure!("VIDEOS", videos, 7, 3),
        figure!("LISTENERS", listeners, 10, 4),
        figure!("MODERATORS", moderators, 11, 5),
        name("ID", 20..=60, 6).of(
            |meeting, _| text(&meeting.id),
            |meeting, cx| Cell::from(meeting.id.as_str()).style(cx.look.theme.dim),
        ),
    ];

    fn details(page: &mut Page, state: &State, meeting: &Meeting) {
        page.title(&meeting.name, &meeting.secret, page.look.theme.strong);
        page.field("id", &meeting.id);
        let node = state.snapshot.nodes.get(&meeting.node);
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
        let counts = meeting.stats;
        page.heading("People");
        let all = f64::from(counts.attendees);
        page.bar("attendees", &count(counts.attendees), all, all);
        for (label, figure) in
            [("moderators", counts.moderators), ("voices", counts.voices), ("listeners", counts.listeners)]
        {
            page.bar(label, &count(figure), f64::from(figure), all);
        }
        page.bar("cameras", &count(counts.videos), f64::from(counts.videos), all);
        if let Some(tenant) =
            meeting.secret.rsplit_once('-').and_then(|(slug, _)| state.snapshot.tenant(slug))
        {
            page.heading("Tenant");
            page.field("slug", &tenant.slug);
            page.field("description", &tenant.description);
            page.field("group", &tenant.group);
        }
    }

    fn expected(snapshot: &Snapshot) -> u64 {
        snapshot.totals.as_ref().map_or(0, |it| it.meetings)
    }
}
