//! The details of a node: how it is, its last hour, what its load is made of, its meetings.

use ratatui::text::Span;
use rpc::{NodeState, RankView, Sample};

use super::{Answer, Page, Subject};
use crate::chart;
use crate::model::{Node, NodeStory};
use crate::state::State;
use crate::text::{age, clean, count, counted, duration, percent, round};

/// Columns in front of a chart: label and figure.
const BEFORE_CHART: usize = 20;

pub(super) fn write(page: &mut Page, state: &State, node: &Node) {
    let (theme, glyphs) = (page.look.theme, page.look.glyphs);
    let (health, maintenance) = (node.state(), node.maintenance());
    page.title(&node.name, &glyphs.state(health, maintenance), theme.state(health, maintenance));
    let answer = state.story.of(&Subject::Node(node.name.clone()));
    let story = answer.and_then(|it| if let Answer::Node(story) = it { Some(&**story) } else { None });
    summary(page, state, node, story);
    if let Some(error) = node.error() {
        page.styled_field("error", error, theme.suspect);
    }
    match answer {
        Some(Answer::Refused(refusal)) => page.styled(&clean(&refusal.to_string()), theme.suspect),
        _ => last_hour(page, state, node, story),
    }
    load_parts(page, state, node, story);
    if let Some(rank) = story.and_then(|it| it.details.rank.as_ref()) {
        rank_parts(page, rank);
    }
    meetings(page, state, node);
}

fn summary(page: &mut Page, state: &State, node: &Node, story: Option<&NodeStory>) {
    let takes = match (node.state(), node.maintenance()) {
        (NodeState::Up, false) => "takes new meetings",
        (_, true) => "maintenance: no new meetings, running ones go on",
        (NodeState::Suspect, _) => "failed lately: no new meetings, joins go on",
        (NodeState::Down, _) => "failed for long: its meetings are placed anew when created again",
        (NodeState::Unknown, _) => "was not asked yet",
    };
    page.field("cluster", &format!("{} {} {takes}", node.cluster, page.look.glyphs.dot));
    let asked = node.poll_age(state.daemon_clock()).map(|it| format!("{} ago", duration(it)));
    let took =
        story.filter(|it| it.details.polled_at.is_some()).map(|it| format!(" in {} ms", it.details.poll_ms));
    let misses = counted(node.misses(), "failed poll").replace("polls", "polls in a row");
    let polled = format!("{}{}, {misses}", asked.as_deref().unwrap_or("never"), took.unwrap_or_default());
    page.field("polled", &polled);
}

fn last_hour(page: &mut Page, state: &State, node: &Node, story: Option<&NodeStory>) {
    page.heading("Last hour");
    let Some(story) = story else {
        page.dim(if state.link.is_up() { "asking for it" } else { "not known" });
        return;
    };
    let now = state.daemon_clock();
    let room = page.width.saturating_sub(BEFORE_CHART + 8);
    let mut chart = |label: &str,
                     figure: String,
                     top: Option<f64>,
                     shown: &dyn Fn(f64) -> String,
                     of: &dyn Fn(&Sample) -> Option<f64>| {
        let values = story.history.columns(now, room, of);
        let highest = values.iter().flatten().copied().fold(0.0, f64::max);
        let line = chart::columns(&values, top.unwrap_or(highest), &page.look.glyphs);
        page.pieces(vec![
            Span::styled(format!("{label:10}"), page.look.theme.dim),
            Span::raw(format!("{figure:>8}  ")),
            Span::styled(line, page.look.theme.bar),
            Span::styled(format!(" {:>7}", shown(highest)), page.look.theme.dim),
        ]);
    };
    let whole = |it: f64| count(round(it));
    let load = node
        .load()
        .map_or_else(String::new, |it| if it < 0 { it.to_string() } else { count(it.unsigned_abs()) });
    chart("load", load, None, &whole, &|it| u32::try_from(it.1).ok().map(f64::from));
    let attendees = node.attendees().map_or_else(String::new, count);
    chart("attendees", attendees, None, &whole, &|it| Some(f64::from(it.2)));
    let cpu = node.cpu().map_or_else(String::new, percent);
    chart("CPU", cpu, Some(10_000.0), &|it| format!("{} %", round(it / 100.0)), &|it| it.3.map(f64::from));
    let axis = format!("{:BEFORE_CHART$}1 h ago{:>rest$} highest", "", "now", rest = room.saturating_sub(7));
    page.pieces(vec![Span::styled(axis, page.look.theme.dim)]);
}

/// The parts of the load as of the last poll: the cluster's factors tell those of attendees and meetings, the
/// rest is the CPU's. Of a node whose load is no figure, as it was when the details were asked for.
fn load_parts(page: &mut Page, state: &State, node: &Node, story: Option<&NodeStory>) {
    let (attendees, meetings) = (node.attendees().unwrap_or(0), node.meetings().unwrap_or(0));
    let cluster = state.picture.cluster(&node.cluster).map(|it| &it.view);
    let live = node.load().and_then(|it| u32::try_from(it).ok()).map(f64::from).zip(cluster).map(
        |(load, cluster)| {
            let of_attendees = f64::from(attendees) * cluster.attendee_factor;
            let of_meetings = f64::from(meetings) * cluster.meeting_factor;
            (of_attendees, of_meetings, (load - of_attendees - of_meetings).max(0.0))
        },
    );
    let told = story.map(|it| it.details.parts).map(|it| (it.attendees, it.meetings, it.cpu));
    let Some((of_attendees, of_meetings, of_cpu)) = live.or(told) else { return };
    let whole = of_attendees + of_meetings + of_cpu;
    page.heading(&format!("Load of {}", count(round(whole))));
    let cpu = node.cpu().map_or_else(|| "CPU".to_owned(), |cpu| format!("CPU {}", percent(cpu)));
    let short = |number: u32, noun: &str| format!("{} {noun}", count(number));
    page.bar(&short(attendees, "att."), &count(round(of_attendees)), of_attendees, whole);
    page.bar(&short(meetings, "meet."), &count(round(of_meetings)), of_meetings, whole);
    page.bar(&cpu, &count(round(of_cpu)), of_cpu, whole);
}

fn rank_parts(page: &mut Page, rank: &RankView) {
    page.heading("Rank for the next meeting; the least gets it");
    let part = |figure: f64| count(round(figure));
    page.field(
        &part(rank.rank),
        &format!(
            "= {} attendees + {} expected + {} meetings + {} CPU + {} the meeting itself",
            part(rank.attendees),
            part(rank.reserved),
            part(rank.meetings),
            part(rank.cpu),
            part(rank.own)
        ),
    );
}

fn meetings(page: &mut Page, state: &State, node: &Node) {
    let meetings = state.picture.meetings_on(&node.name);
    let attendees: u64 = meetings.iter().map(|it| u64::from(it.counts.attendees)).sum();
    let known = counted(meetings.len() as u64, "meeting");
    page.heading(&format!("{known}, {}", counted(attendees, "attendee")));
    if !state.picture.meetings_complete {
        page.dim(if state.link.is_up() {
            "more are on their way"
        } else {
            "as it was when they were listed last"
        });
    }
    let others = u64::from(node.meetings().unwrap_or(0)).saturating_sub(meetings.len() as u64);
    if state.picture.meetings_complete && others > 0 {
        page.dim(&format!("and {} that B3LB does not know", counted(others, "meeting")));
    }
    let now = state.daemon_clock();
    for meeting in meetings {
        let right = format!(
            "{:<14} {:>5}  {:>7}",
            meeting.secret,
            count(meeting.counts.attendees),
            age(meeting.age(now))
        );
        page.row(&meeting.name, &right);
    }
}
