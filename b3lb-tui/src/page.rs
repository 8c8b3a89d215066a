//! A builder for styled lines of a given width: details and dialogs are written with it.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::chart;
use crate::text::{cut_end, cut_middle, width, wrap};
use crate::theme::Look;

/// Width of a label, in columns.
const LABEL: usize = 12;

/// Lines of a given width, in the order they were added.
#[derive(Debug)]
pub struct Page {
    /// Colours and glyphs.
    pub look: Look,
    /// Width of a line, in columns.
    pub width: usize,
    lines: Vec<Line<'static>>,
}

impl Page {
    /// An empty page.
    pub fn new(look: Look, width: usize) -> Self {
        Self { look, width, lines: Vec::new() }
    }

    /// The finished lines.
    pub fn into_lines(self) -> Vec<Line<'static>> {
        self.lines
    }

    /// Adds an empty line.
    pub fn gap(&mut self) {
        self.lines.push(Line::default());
    }

    /// Adds a name at the left edge and a remark at the right edge.
    pub fn title(&mut self, name: &str, right: &str, style: Style) {
        let room = self.width.saturating_sub(width(right) + 1);
        let name = cut_middle(name, room, self.look.glyphs.ellipsis).into_owned();
        let space = " ".repeat(self.width.saturating_sub(width(&name) + width(right)));
        let name = Span::styled(name, self.look.theme.accent);
        self.lines.push(Line::from(vec![name, Span::raw(space), Span::styled(right.to_owned(), style)]));
    }

    /// Adds a heading, followed by a rule.
    pub fn heading(&mut self, text: &str) {
        let rule = self.look.glyphs.horizontal.repeat(self.width.saturating_sub(width(text) + 1));
        let text = Span::styled(format!("{text} "), self.look.theme.strong);
        self.gap();
        self.lines.push(Line::from(vec![text, Span::styled(rule, self.look.theme.dim)]));
    }

    /// Adds a label and its text, which wraps in its own column.
    pub fn field(&mut self, label: &str, text: &str) {
        self.styled_field(label, text, Style::new());
    }

    /// [`Page::field`] with a style.
    pub fn styled_field(&mut self, label: &str, text: &str, style: Style) {
        for (at, line) in wrap(text, self.width.saturating_sub(LABEL)).into_iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let label = Span::styled(format!("{label:LABEL$}"), self.look.theme.dim);
            self.lines.push(Line::from(vec![label, Span::styled(line, style)]));
        }
    }

    /// Adds a label, a right-aligned figure and a bar.
    pub fn bar(&mut self, label: &str, figure: &str, part: f64, whole: f64) {
        let room = self.width.saturating_sub(LABEL + 17).min(50);
        let bar = chart::bar(part, whole, room, &self.look.glyphs);
        let label = Span::styled(format!("{label:LABEL$}"), self.look.theme.dim);
        let figure = Span::raw(format!("{figure:>15}  "));
        self.lines.push(Line::from(vec![label, figure, Span::styled(bar, self.look.theme.bar)]));
    }

    /// Adds text, wrapped.
    pub fn text(&mut self, text: &str) {
        self.styled(text, Style::new());
    }

    /// Adds dimmed text, wrapped.
    pub fn dim(&mut self, text: &str) {
        self.styled(text, self.look.theme.dim);
    }

    /// Adds styled text, wrapped.
    pub fn styled(&mut self, text: &str, style: Style) {
        let lines = wrap(text, self.width);
        self.lines.extend(lines.into_iter().map(|line| Line::styled(line, style)));
    }

    /// Adds one line of spans and cuts it at the right edge.
    pub fn pieces(&mut self, pieces: Vec<Span<'static>>) {
        let mut room = self.width;
        let mut line = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let text = cut_end(&piece.content, room, self.look.glyphs.ellipsis).into_owned();
            room -= width(&text).min(room);
            line.push(Span::styled(text, piece.style));
        }
        self.lines.push(Line::from(line));
    }

    /// Adds an indented row: a name, cut where necessary, and `right` at the right edge.
    pub fn row(&mut self, name: &str, right: &str) {
        let room = self.width.saturating_sub(width(right) + 3);
        let name = cut_middle(name, room, self.look.glyphs.ellipsis).into_owned();
        let space = " ".repeat(self.width.saturating_sub(width(&name) + width(right) + 2));
        self.lines.push(Line::from(vec![Span::raw(format!("  {name}{space}")), Span::raw(right.to_owned())]));
    }
}
