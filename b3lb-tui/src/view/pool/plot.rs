//! A chart of several lines: today as bars, other days as marks behind them.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text::round;
use crate::theme::Look;

/// What is expected.
#[derive(Clone, Debug)]
pub(super) struct Forecast {
    /// When, as columns.
    pub(super) columns: Range<usize>,
    /// How much.
    pub(super) value: f64,
}

/// What a chart shows, one value for each column.
#[derive(Clone, Debug, Default)]
pub(super) struct Plot {
    pub(super) today: Vec<Option<f64>>,
    pub(super) yesterday: Vec<Option<f64>>,
    pub(super) last_week: Vec<Option<f64>>,
    pub(super) forecast: Option<Forecast>,
    /// A line across, if it is not far above everything else.
    pub(super) ceiling: Option<f64>,
}

impl Plot {
    /// Draws the chart and returns the value at its upper edge.
    pub(super) fn draw(&self, look: &Look, area: Rect, buffer: &mut Buffer) -> u64 {
        let top = self.top();
        for y in 0..area.height {
            for x in 0..area.width {
                if let Some((glyph, style)) = self.cell(look, usize::from(x), y, area.height, top) {
                    buffer.set_stringn(area.x + x, area.y + y, glyph, 1, style);
                }
            }
        }
        round(top)
    }

    /// The value at the upper edge: the greatest one with two digits.
    fn top(&self) -> f64 {
        let days = self.today.iter().chain(&self.yesterday).chain(&self.last_week).flatten();
        let greatest = days.copied().chain(self.forecast.as_ref().map(|it| it.value)).fold(0.0, f64::max);
        let top = match self.ceiling {
            Some(ceiling) if ceiling <= 2.0 * greatest => greatest.max(ceiling),
            _ => greatest,
        };
        let unit = 10_f64.powf((top.max(1.0).log10().floor() - 1.0).max(0.0));
        ((top / unit).ceil() * unit).max(1.0)
    }

    /// What is in a cell; lines are counted from the top.
    fn cell(&self, look: &Look, x: usize, y: u16, height: u16, top: f64) -> Option<(&'static str, Style)> {
        let (theme, glyphs) = (&look.theme, &look.glyphs);
        let at = |values: &[Option<f64>]| values.get(x).copied().flatten();
        let is_here = |value: f64| value > 0.0 && line_of(value, height, top) == y;
        let bar = at(&self.today).map_or(0, |value| level(value, y, height, top));
        if let Some(forecast) = &self.forecast
            && forecast.columns.contains(&x)
            && line_of(forecast.value, height, top) == y
        {
            return Some((glyphs.forecast, theme.accent));
        }
        if bar > 0 {
            Some((glyphs.levels[bar], theme.bar))
        } else if at(&self.last_week).is_some_and(is_here) {
            Some((glyphs.last_week, theme.strong))
        } else if at(&self.yesterday).is_some_and(is_here) {
            Some((glyphs.yesterday, theme.dim))
        } else if self.ceiling.is_some_and(|it| it <= top && is_here(it)) && height > 1 {
            Some((glyphs.horizontal, theme.dim))
        } else {
            None
        }
    }
}

/// The line that a value reaches.
fn line_of(value: f64, height: u16, top: f64) -> u16 {
    let lines = (value / top * f64::from(height)).ceil().clamp(1.0, f64::from(height.max(1)));
    height.saturating_sub(u16::try_from(round(lines)).unwrap_or(height))
}

/// How much of a cell a bar fills, in eighths. A small value differs from zero.
fn level(value: f64, y: u16, height: u16, top: f64) -> usize {
    let eighths = (value / top * f64::from(height) * 8.0).round();
    let eighths = if value > 0.0 { eighths.max(1.0) } else { 0.0 };
    let below = f64::from(height.saturating_sub(y + 1)) * 8.0;
    usize::try_from(round((eighths - below).clamp(0.0, 8.0))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(plot: &Plot, width: u16, height: u16) -> (u64, Vec<String>) {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        let top = plot.draw(&Look::default(), area, &mut buffer);
        let line = |y| (0..width).map(|x| buffer[(x, y)].symbol().to_owned()).collect();
        (top, (0..height).map(line).collect())
    }

    #[test]
    fn bars_stand_before_the_marks_of_other_days() {
        let plot = Plot {
            today: vec![Some(0.0), Some(1.0), Some(40.0), None, None, None],
            yesterday: vec![Some(40.0), Some(40.0), Some(20.0), Some(20.0), None, None],
            last_week: vec![None, Some(80.0), Some(80.0), Some(20.0), Some(20.0), None],
            forecast: Some(Forecast { columns: 5..6, value: 60.0 }),
            ceiling: Some(500.0),
        };
        let expected = [" ∘∘   ", "     ◆", "··█   ", " ▁█∘∘ "].map(str::to_owned).to_vec();
        assert_eq!(drawn(&plot, 6, 4), (80, expected));
    }

    #[test]
    fn a_ceiling_near_by_is_drawn() {
        let plot = Plot { today: vec![Some(50.0); 2], ceiling: Some(95.0), ..Plot::default() };
        assert_eq!(drawn(&plot, 3, 2), (95, vec!["───".into(), "██ ".into()]));
    }

    #[test]
    fn nothing_has_a_scale_too() {
        assert_eq!(drawn(&Plot::default(), 2, 1), (1, vec!["  ".into()]));
        let wild = Plot { today: vec![Some(f64::from(u32::MAX))], ..Plot::default() };
        assert_eq!(drawn(&wild, 1, 1).1, ["█"]);
    }
}
