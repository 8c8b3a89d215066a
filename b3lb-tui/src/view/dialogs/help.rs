//! The help: the keys that apply where it was opened, and the glyphs.

use ratatui::text::Span;

use crate::keys::{self, Context};
use crate::page::Page;

/// Width of the column of keys.
const KEYS: usize = 16;

pub(super) fn write(page: &mut Page, context: Context) -> String {
    for binding in keys::of(context) {
        page.pieces(vec![
            Span::styled(format!("{:KEYS$}", binding.label), page.look.theme.accent),
            Span::raw(binding.help),
        ]);
    }
    page.heading("What is shown");
    let glyphs = page.look.glyphs;
    let states = [
        (glyphs.up, "up", "answers"),
        (glyphs.suspect, "suspect", "failed lately: no new meetings, joins go on"),
        (glyphs.down, "down", "failed for long: the next create moves its meetings"),
        (glyphs.unknown, "unknown", "not asked yet"),
        (glyphs.maintenance, "maint", "maintenance: no new meetings by an operator's wish"),
    ];
    for (glyph, word, meaning) in states {
        page.pieces(vec![Span::raw(format!("{:KEYS$}", format!("{glyph} {word}"))), Span::raw(meaning)]);
    }
    page.gap();
    page.dim(
        "Mouse: click rows, tabs and headings; the wheel scrolls. --no-mouse leaves it to the terminal.",
    );
    format!("Keys: {}", context.name())
}
