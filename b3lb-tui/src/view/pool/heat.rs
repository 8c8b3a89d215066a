//! The nodes as a map: a digit for how busy each is, a glyph for each that takes no meetings.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use rpc::NodeState;

use crate::state::State;
use crate::state::snapshot::Node;
use crate::text::counted;
use crate::theme::Look;
use crate::view::lines::line;

/// Space at the left edge.
const INDENT: u16 = 1;

/// The lines that the map takes: its heading, and at most a third of the picture.
pub(super) fn lines(nodes: usize, area: Rect) -> u16 {
    if nodes == 0 {
        return 0;
    }
    let width = usize::from(area.width.saturating_sub(INDENT + 1)).max(1);
    let wanted = u16::try_from(nodes.div_ceil(width)).unwrap_or(u16::MAX);
    1 + wanted.min(area.height / 3).max(1)
}

/// How busy a node is. Greater is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Heat {
    Maintenance,
    /// Up, without CPU use or capacity.
    Up,
    /// In percent of its CPU, or of its capacity, whichever is more.
    Busy(u32),
    Unknown,
    Suspect,
    Down,
}

impl Heat {
    fn of(node: &Node) -> Self {
        match (node.state(), node.maintenance()) {
            (_, true) => Self::Maintenance,
            (NodeState::Down, _) => Self::Down,
            (NodeState::Suspect, _) => Self::Suspect,
            (NodeState::Unknown, _) => Self::Unknown,
            (NodeState::Up, _) => {
                let cpu = node.cpu().map(|it| it / 100);
                let share = node.attendees().zip(node.capacity());
                let share = share.filter(|(_, capacity)| *capacity > 0).map(|(attendees, capacity)| {
                    u32::try_from(u64::from(attendees) * 100 / u64::from(capacity)).unwrap_or(u32::MAX)
                });
                cpu.max(share).map_or(Self::Up, Self::Busy)
            }
        }
    }

    fn draw(self, look: &Look) -> (&'static str, Style) {
        const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        let (theme, glyphs) = (&look.theme, &look.glyphs);
        match self {
            Self::Maintenance => (glyphs.maintenance, theme.maintenance),
            Self::Up => (glyphs.up, theme.up),
            Self::Busy(percent) => {
                let style = match percent {
                    0..60 => theme.up,
                    60..80 => theme.bar,
                    80..95 => theme.suspect,
                    _ => theme.down,
                };
                (DIGITS[usize::try_from(percent / 10).unwrap_or(9).min(9)], style)
            }
            Self::Unknown => (glyphs.unknown, theme.dim),
            Self::Suspect => (glyphs.suspect, theme.suspect),
            Self::Down => (glyphs.down, theme.down),
        }
    }
}

pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    if area.height < 2 {
        return;
    }
    let mut nodes: Vec<&Node> = state.snapshot.nodes.values().collect();
    nodes.sort_by(|a, b| (&a.cluster, &a.name).cmp(&(&b.cluster, &b.name)));
    let (columns, rows) = (usize::from(area.width.saturating_sub(INDENT + 1)), usize::from(area.height - 1));
    let group = nodes.len().div_ceil((columns * rows).max(1)).max(1);
    line(
        &state.look,
        Rect { height: 1, ..area },
        &heading(state, nodes.len(), group),
        state.look.theme.strong,
        buffer,
    );
    // With room to spare, cells stand apart.
    let wide = if nodes.len() * 2 <= columns * rows { 2 } else { 1 };
    for (at, nodes) in nodes.chunks(group).enumerate() {
        let Some(heat) = nodes.iter().map(|node| Heat::of(node)).max() else { continue };
        let (column, row) = (at % (columns / wide) * wide, at / (columns / wide));
        let place = (u16::try_from(column), u16::try_from(row));
        let (Ok(column), Ok(row)) = place else { continue };
        let (glyph, style) = heat.draw(&state.look);
        if row + 1 < area.height {
            buffer.set_stringn(area.x + INDENT + column, area.y + 1 + row, glyph, 1, style);
        }
    }
}

/// What the map shows.
fn heading(state: &State, nodes: usize, group: usize) -> String {
    let glyphs = &state.look.glyphs;
    let nodes = counted(nodes as u64, "node");
    let each = if group > 1 { format!(", the worst of {group} in each place") } else { String::new() };
    let (down, suspect) = (glyphs.down, glyphs.suspect);
    let (unknown, maintenance) = (glyphs.unknown, glyphs.maintenance);
    format!(
        "{nodes}{each}, 9 is 90 % of CPU or capacity, {down} down {suspect} suspect {unknown} unknown {maintenance} maint"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_takes_what_it_needs_and_at_most_a_third() {
        let lines = |nodes, width, height| lines(nodes, Rect::new(0, 0, width, height));
        assert_eq!((lines(0, 80, 13), lines(5, 80, 13), lines(79, 80, 13)), (0, 2, 3));
        assert_eq!((lines(1_000, 80, 13), lines(1_000, 200, 40)), (5, 7));
    }

    #[test]
    fn what_is_worse_wins_a_shared_place() {
        let order = [
            Heat::Maintenance,
            Heat::Up,
            Heat::Busy(3),
            Heat::Busy(99),
            Heat::Unknown,
            Heat::Suspect,
            Heat::Down,
        ];
        assert!(order.is_sorted());
        let look = Look::default();
        assert_eq!(
            [0, 9, 10, 95, 100, 4_000].map(|it| Heat::Busy(it).draw(&look).0),
            ["0", "0", "1", "9", "9", "9"]
        );
    }
}
