//! The Nodes tab: nodes that need an operator come first.

use ratatui::text::Span;
use rpc::{NodeState, RankView, Sample};

use super::column::{Cell, CellContext, Column, maybe, name, number, sentence, text};
use super::screen::Screen;
use crate::chart;
use crate::keys::Action;
use crate::message::Millis;
use crate::page::Page;
use crate::state::State;
use crate::state::details::{Answer, Subject};
use crate::state::history::NodeHistory;
use crate::state::list::Sort;
use crate::state::snapshot::Node;
use crate::text::{age, clean, count, counted, duration, percent, round};

/// Columns in front of a chart: label and figure.
const BEFORE_CHART: usize = 20;

/// The Nodes tab.
pub struct Nodes;

impl Screen for Nodes {
    type Row = Node;

    const TITLE: &'static str = "Nodes";
    const ABOUT: &'static str = "Hosts that run BigBlueButton";
    const NOUN: &'static str = "node";
    const EMPTY: &'static str = "There are no nodes yet: b3lb-cli node add SLUG --cluster CLUSTER --secret -";
    const SORTED_BY: Sort = Sort { column: 0, descending: false };
    const ACTIONS: &'static [Action] = &[
        Action::MaintenanceOn,
        Action::MaintenanceOff,
        Action::Drain,
        Action::Check,
        Action::VisitMeetings,
        Action::Mark,
        Action::MarkAll,
    ];
    const DETAILS_NEED_MEETINGS: bool = true;
    const COLUMNS: &'static [Column<Node>] = &[
        name("STATE", 11..=11, 0).of(|node, _| node.urgency().into(), state),
        name("NODE", 19..=40, 0).of(|node, _| text(&node.name), |node, _| node.name.as_str().into()),
        name("CLUSTER", 9..=16, 3).of(|node, _| text(&node.cluster), |node, _| node.cluster.as_str().into()),
        number("LOAD", 7..=7, 0).of(|node, _| maybe(node.load()), load),
        number("MEETINGS", 9..=9, 1)
            .of(|node, _| maybe(node.meetings()), |node, cx| figure(node.meetings(), cx)),
        number("ATTENDEES", 10..=10, 1)
            .of(|node, _| maybe(node.attendees()), |node, cx| figure(node.attendees(), cx)),
        number("CPU", 5..=6, 2).of(
            |node, _| maybe(node.cpu()),
            |node, cx| node.cpu().map_or_else(|| none(cx), |cpu| percent(cpu).into()),
        ),
        number("POLLED", 7..=7, 4).of(
            |node, _| maybe(node.stats.as_ref().map(|it| -it.polled_at)),
            |node, cx| node.poll_age(cx.now).map_or_else(|| none(cx), |seconds| age(seconds).into()),
        ),
        number("MISSES", 7..=7, 6).of(|node, _| node.misses().into(), misses),
        sentence("LAST POLL ERROR", 30..=70, 5).of(
            |node, _| text(node.error().unwrap_or_default()),
            |node, cx| Cell::from(node.error().unwrap_or_default()).style(cx.look.theme.suspect),
        ),
    ];

    fn details(page: &mut Page, state: &State, node: &Node) {
        let (theme, glyphs) = (page.look.theme, page.look.glyphs);
        let (health, maintenance) = (node.state(), node.maintenance());
        page.title(&node.name, &glyphs.state(health, maintenance), theme.state(health, maintenance));
        let answer = state.details.get(&Subject::Node(node.name.clone()));
        let known = answer.and_then(|it| if let Answer::Node(known) = it { Some(&**known) } else { None });
        summary(page, state, node, known);
        drain_fields(page, node, state.daemon_clock());
        if let Some(error) = node.error() {
            page.styled_field("error", error, theme.suspect);
        }
        match answer {
            Some(Answer::Refused(refusal)) => page.styled(&clean(&refusal.to_string()), theme.suspect),
            _ => last_hour(page, state, node, known),
        }
        load_parts(page, state, node, known);
        if let Some(rank) = known.and_then(|it| it.details.rank.as_ref()) {
            rank_parts(page, rank);
        }
        meetings(page, state, node);
    }

    fn subject(name: &str) -> Option<Subject> {
        Some(Subject::Node(name.to_owned()))
    }
}

fn state<'a>(node: &'a Node, cx: &CellContext<'a>) -> Cell<'a> {
    let (state, maintenance) = (node.state(), node.maintenance());
    let mut label = cx.look.glyphs.state(state, maintenance);
    if node.drain.is_some() {
        label = label.replace("maint", "draining");
    }
    Cell::from(label).style(cx.look.theme.state(state, maintenance))
}

fn load<'a>(node: &'a Node, cx: &CellContext<'a>) -> Cell<'a> {
    match node.load() {
        // -1 and -2 are states, which have their own column.
        Some(load) if load < 0 => Cell::from(load.to_string()).style(cx.look.theme.dim),
        Some(load) => count(load.unsigned_abs()).into(),
        None => none(cx),
    }
}

fn misses<'a>(node: &'a Node, cx: &CellContext<'a>) -> Cell<'a> {
    let style = if node.misses() > 0 { cx.look.theme.suspect } else { cx.look.theme.dim };
    Cell::from(count(node.misses())).style(style)
}

fn figure<'a>(figure: Option<u32>, cx: &CellContext<'a>) -> Cell<'a> {
    figure.map_or_else(|| none(cx), |it| count(it).into())
}

fn none<'a>(cx: &CellContext<'a>) -> Cell<'a> {
    Cell::from(cx.look.glyphs.none).style(cx.look.theme.dim)
}

fn summary(page: &mut Page, state: &State, node: &Node, known: Option<&NodeHistory>) {
    let takes = match (node.state(), node.maintenance()) {
        (NodeState::Up, false) => "takes new meetings",
        (_, true) => "maintenance: no new meetings, running ones go on",
        (NodeState::Suspect, _) => "failed lately: no new meetings, joins go on",
        (NodeState::Down, _) => "failed for long: the next create moves its meetings",
        (NodeState::Unknown, _) => "was not asked yet",
    };
    page.field("cluster", &format!("{} {} {takes}", node.cluster, page.look.glyphs.dot));
    let target = state.snapshot.cluster(&node.cluster).map_or(0, |it| it.view.target_cpu);
    let capacity = match node.capacity() {
        Some(capacity) => format!("{} attendees at {target} % CPU", count(capacity)),
        None => "not learned yet".to_owned(),
    };
    page.field("capacity", &capacity);
    let asked = node.poll_age(state.daemon_clock()).map(|it| format!("{} ago", duration(it)));
    let took =
        known.filter(|it| it.details.polled_at.is_some()).map(|it| format!(" in {} ms", it.details.poll_ms));
    let misses = counted(node.misses(), "failed poll").replace("polls", "polls in a row");
    let polled = format!("{}{}, {misses}", asked.as_deref().unwrap_or("never"), took.unwrap_or_default());
    page.field("polled", &polled);
}

/// Who drains a node, why, and until when.
pub fn drain_fields(page: &mut Page, node: &Node, now: Millis) {
    let Some(drain) = &node.drain else { return };
    page.field("drained by", &drain.who);
    if !drain.reason.is_empty() {
        page.field("reason", &drain.reason);
    }
    if let Some((_, Some(end))) = node.drain_times() {
        let left = (end - now) / 1000;
        let when = if left > 0 { format!("in {}", duration(left)) } else { "now".to_owned() };
        page.field("ends", &format!("{when}: the meetings that are left, after a warning"));
    }
}

fn last_hour(page: &mut Page, state: &State, node: &Node, known: Option<&NodeHistory>) {
    page.heading("Last hour");
    let Some(known) = known else {
        page.dim(if state.link.is_up() { "asking for it" } else { "not known" });
        return;
    };
    let now = state.daemon_clock();
    let room = page.width.saturating_sub(BEFORE_CHART + 8);
    let mut chart = |label: &str,
                     figure: String,
                     top: Option<f64>,
                     label_of: &dyn Fn(f64) -> String,
                     of: &dyn Fn(&Sample) -> Option<f64>| {
        let values = known.history.columns(now, room, of);
        let highest = values.iter().flatten().copied().fold(0.0, f64::max);
        let line = chart::columns(&values, top.unwrap_or(highest), &page.look.glyphs);
        page.pieces(vec![
            Span::styled(format!("{label:10}"), page.look.theme.dim),
            Span::raw(format!("{figure:>8}  ")),
            Span::styled(line, page.look.theme.bar),
            Span::styled(format!(" {:>7}", label_of(highest)), page.look.theme.dim),
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

/// The parts of the load at the last poll. Attendees and meetings follow from the cluster's factors, and the
/// rest is the CPU. A node whose load is negative shows the parts from when the details were fetched.
fn load_parts(page: &mut Page, state: &State, node: &Node, known: Option<&NodeHistory>) {
    let (attendees, meetings) = (node.attendees().unwrap_or(0), node.meetings().unwrap_or(0));
    let cluster = state.snapshot.cluster(&node.cluster).map(|it| &it.view);
    let live = node.load().and_then(|it| u32::try_from(it).ok()).map(f64::from).zip(cluster).map(
        |(load, cluster)| {
            let of_attendees = f64::from(attendees) * cluster.attendee_factor;
            let of_meetings = f64::from(meetings) * cluster.meeting_factor;
            (of_attendees, of_meetings, (load - of_attendees - of_meetings).max(0.0))
        },
    );
    let fetched = known.map(|it| it.details.parts).map(|it| (it.attendees, it.meetings, it.cpu));
    let Some((of_attendees, of_meetings, of_cpu)) = live.or(fetched) else { return };
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
    let meetings = state.snapshot.meetings_on(&node.name);
    let attendees: u64 = meetings.iter().map(|it| u64::from(it.stats.attendees)).sum();
    let known = counted(meetings.len() as u64, "meeting");
    page.heading(&format!("{known}, {}", counted(attendees, "attendee")));
    if !state.snapshot.meetings_complete {
        page.dim(if state.link.is_up() {
            "more are on their way"
        } else {
            "as it was when they were listed last"
        });
    }
    let others = u64::from(node.meetings().unwrap_or(0)).saturating_sub(meetings.len() as u64);
    if state.snapshot.meetings_complete && others > 0 {
        page.dim(&format!("and {} that B3LB does not know", counted(others, "meeting")));
    }
    let now = state.daemon_clock();
    for meeting in meetings {
        let right = format!(
            "{:<14} {:>5}  {:>7}",
            meeting.secret,
            count(meeting.stats.attendees),
            age(meeting.age(now))
        );
        page.row(&meeting.name, &right);
    }
}
