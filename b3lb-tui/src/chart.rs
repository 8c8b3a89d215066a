//! Bars and charts as text.

use crate::theme::Glyphs;

/// A chart of one line: one character per value on a scale from 0 to `top`, and a gap per missing value.
pub fn columns(values: &[Option<f64>], top: f64, glyphs: &Glyphs) -> String {
    let level = |value: f64| if top > 0.0 { step(value / top * 8.0, 8) } else { 0 };
    // A small value differs from zero.
    let visible = |value: f64| if value > 0.0 { level(value).max(1) } else { 0 };
    values.iter().map(|it| it.map_or(" ", |value| glyphs.levels[visible(value)])).collect()
}

/// A bar of `width` characters, filled in proportion to `part` of `whole`.
pub fn bar(part: f64, whole: f64, width: usize, glyphs: &Glyphs) -> String {
    let (full, empty) = halves(part, whole, width);
    format!("{}{}", glyphs.full.repeat(full), glyphs.empty.repeat(empty))
}

#[expect(clippy::cast_precision_loss, reason = "widths of a terminal")]
fn halves(part: f64, whole: f64, width: usize) -> (usize, usize) {
    let full = if whole > 0.0 { step(part / whole * width as f64, width) } else { 0 };
    (full, width - full)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
#[expect(clippy::cast_precision_loss, reason = "widths of a terminal")]
fn step(value: f64, most: usize) -> usize {
    value.round().clamp(0.0, most as f64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_gaps_and_little_is_not_nothing() {
        let values = [Some(0.0), Some(0.1), None, Some(50.0), Some(100.0), Some(900.0)];
        assert_eq!(columns(&values, 100.0, &Glyphs::UTF8), " ▁ ▄██");
        assert_eq!(columns(&values, 0.0, &Glyphs::ASCII), " _ ___");
    }

    #[test]
    fn bars_are_always_as_wide_as_said() {
        assert_eq!(bar(1.0, 4.0, 8, &Glyphs::UTF8), "██░░░░░░");
        for (part, whole) in [(0.0, 0.0), (5.0, 1.0), (-1.0, 3.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
            assert_eq!(bar(part, whole, 6, &Glyphs::ASCII).len(), 6, "{part} of {whole}");
        }
    }
}
