//! The header: the daemon, its nodes, its totals and rates.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::state::State;
use crate::state::link::Phase;
use crate::text::{clean, columns, count, cut_middle, duration, width};

pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let [daemon, nodes, rates] = Layout::vertical([Constraint::Length(1); 3]).areas(area);
    connection(state, daemon, buffer);
    put(&spread(node_counts(state), area.width), nodes, buffer);
    put(&spread(totals(state), area.width), rates, buffer);
}

fn put(line: &Line<'_>, area: Rect, buffer: &mut Buffer) {
    buffer.set_line(area.x, area.y, line, area.width);
}

/// The daemon on the left, the state of the connection on the right.
fn connection(state: &State, area: Rect, buffer: &mut Buffer) {
    let (theme, glyphs) = (&state.look.theme, &state.look.glyphs);
    let (glyph, text, style) = match &state.link.phase {
        Phase::Up if state.is_stale() => (glyphs.suspect, "silent".to_owned(), theme.suspect),
        Phase::Up => (glyphs.up, "live".to_owned(), theme.up),
        Phase::Connecting(_) => (glyphs.suspect, "connecting".to_owned(), theme.suspect),
        Phase::Waiting { .. } => (glyphs.down, "lost".to_owned(), theme.down),
    };
    let age = match state.snapshot.totals {
        Some(_) => format!(", {} old", duration(state.data_age())),
        None => String::new(),
    };
    let right = format!("{glyph} {text}{age} ");
    let edge = area.right().saturating_sub(columns(&right));
    buffer.set_string(edge, area.y, &right, style);

    let mut facts = Vec::new();
    if let Some(hello) = &state.link.hello {
        let role = state.snapshot.totals.as_ref().map_or(hello.role, |it| it.role);
        facts.extend([clean(&hello.version), role.as_str().to_owned()]);
        facts.extend(state.read_only.then(|| "read-only".to_owned()));
    }
    let room = usize::from(edge.saturating_sub(area.x + 1));
    let place = cut_middle(&state.link.place, room.saturating_sub(30).max(20), glyphs.ellipsis);
    facts.push(clean(&place));
    let between = format!(" {} ", glyphs.dot);
    let mut facts = facts.join(&between);
    if let Some(user) = state.link.hello.as_ref().map(|it| clean(&it.user)).filter(|it| !it.is_empty())
        && width(&facts) + width(&between) + width(&user) + 7 < room
    {
        facts = format!("{facts}{between}{user}");
    }
    let line = Line::from(vec![Span::styled(" B3LB ", theme.accent), Span::raw(facts)]);
    put(&line, Rect { width: edge.saturating_sub(area.x + 1), ..area }, buffer);
}

/// Joins facts with three spaces where there is room, or else with one.
fn spread(facts: Vec<Vec<Span<'static>>>, room: u16) -> Line<'static> {
    let text: usize = facts.iter().flatten().map(Span::width).sum();
    let between = if text + facts.len() * 3 < usize::from(room) { "   " } else { " " };
    let mut line = vec![Span::raw(" ")];
    for (at, fact) in facts.into_iter().enumerate() {
        if at > 0 {
            line.push(Span::raw(between));
        }
        line.extend(fact);
    }
    Line::from(line)
}

fn node_counts(state: &State) -> Vec<Vec<Span<'static>>> {
    let Some(totals) = &state.snapshot.totals else { return Vec::new() };
    let (theme, glyphs, nodes) = (&state.look.theme, &state.look.glyphs, &totals.nodes);
    let counts = [
        (glyphs.up, nodes.up, "up", theme.up),
        (glyphs.suspect, nodes.suspect, "suspect", theme.suspect),
        (glyphs.down, nodes.down, "down", theme.down),
        (glyphs.unknown, nodes.unknown, "unknown", theme.dim),
        (glyphs.maintenance, nodes.maintenance, "maintenance", theme.maintenance),
    ];
    let mut facts = vec![vec![Span::raw("Nodes "), Span::styled(count(nodes.total), theme.strong)]];
    for (glyph, number, word, style) in counts {
        let style = if number == 0 { theme.dim } else { style };
        facts.push(vec![Span::styled(format!("{glyph} {} {word}", count(number)), style)]);
    }
    facts
}

fn totals(state: &State) -> Vec<Vec<Span<'static>>> {
    let Some(totals) = &state.snapshot.totals else { return Vec::new() };
    let (strong, dim) = (state.look.theme.strong, state.look.theme.dim);
    let fact = |label: &'static str, figure: String, style: Style| {
        vec![Span::styled(label, dim), Span::styled(figure, style)]
    };
    // A low rate differs from zero.
    let rate = |it: f64| if it < 1.0 { format!("{it:.2}/s") } else { format!("{it:.1}/s") };
    vec![
        fact("Meetings ", count(totals.meetings), strong),
        fact("Attendees ", count(totals.attendees), strong),
        fact("joins ", rate(totals.rates.joins), Style::new()),
        fact("creates ", rate(totals.rates.creates), Style::new()),
        fact("requests ", rate(totals.rates.requests), Style::new()),
    ]
}
