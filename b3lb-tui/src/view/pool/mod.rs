//! The picture of the Pool tab: what was, what is expected, and how busy the nodes are.

mod days;
mod heat;
mod plot;

use ratatui::buffer::Buffer;
use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};
use rpc::PoolHistory;

use self::days::{Days, Series};
use self::plot::{Forecast, Plot};
use super::lines::line;
use crate::state::State;
use crate::text::{clean, count};

/// Room for the name and the scale of a chart.
const LABEL: u16 = 18;

/// The charts from top to bottom, each with its share of the height.
const CHARTS: [(&str, Series, u16); 4] = [
    ("attendees", |it| it.attendees, 5),
    ("meetings", |it| it.meetings, 3),
    ("creates", |it| it.creates, 2),
    ("refusals", |it| it.refusals, 1),
];

pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let nodes = state.snapshot.nodes.len();
    let heat = heat::lines(nodes, area).min(area.height.saturating_sub(8));
    let [title, charts, axis, nodes] =
        Layout::vertical([Length(1), Fill(1), Length(1), Length(heat)]).areas(area);
    match state.pool.get() {
        Some(Ok(history)) => {
            line(&state.look, title, &outlook(history, state), state.look.theme.strong, buffer);
            draw_charts(state, history, charts, axis, buffer);
        }
        Some(Err(refusal)) => {
            let text = format!("The history is not known: {}", clean(&refusal.to_string()));
            line(&state.look, title, &text, state.look.theme.suspect, buffer);
        }
        None => line(&state.look, title, "The history is on its way.", state.look.theme.dim, buffer),
    }
    heat::draw(state, nodes, buffer);
}

/// What is expected in the next full hour, and how much the pool carries.
fn outlook(history: &PoolHistory, state: &State) -> String {
    let capacity = history.capacity.map(count);
    let Some(told) = &history.forecast else {
        let capacity = capacity.map_or_else(String::new, |it| format!("; the pool carries {it} attendees"));
        return format!("No forecast before a week is recorded{capacity}");
    };
    let hour = history.hour_of(told.at);
    let share = |whole: u64| u64::from(told.attendees) * 100 / whole.max(1);
    let capacity = match history.capacity {
        Some(whole) => format!("{} % of the capacity of {}", share(whole), count(whole)),
        None => "the capacity is not learned yet".to_owned(),
    };
    let (glyph, attendees, before) =
        (state.look.glyphs.forecast, count(told.attendees), count(told.week_before));
    format!("{glyph} {attendees} expected after {hour:02}:00, {capacity} ({before} a week before)")
}

fn draw_charts(state: &State, history: &PoolHistory, area: Rect, axis: Rect, buffer: &mut Buffer) {
    let plot = Rect { x: area.x + LABEL, width: area.width.saturating_sub(LABEL + 1), ..area };
    let days = Days::new(history, plot.width);
    let areas = Layout::vertical(heights(area.height).map(Length)).split(area);
    for (at, ((name, series, _), area)) in CHARTS.iter().zip(areas.iter()).enumerate() {
        let is_first = at == 0;
        let forecast = history.forecast.as_ref().filter(|_| is_first).and_then(|told| {
            let columns = days.columns_of(told.at, 3_600_000)?;
            Some(Forecast { columns, value: f64::from(told.attendees) })
        });
        #[expect(clippy::cast_precision_loss, reason = "a capacity needs no more digits")]
        let ceiling = history.capacity.filter(|_| is_first).map(|it| it as f64);
        let drawn = Plot {
            today: days.today(*series),
            yesterday: days.yesterday(*series),
            last_week: days.last_week(*series),
            forecast,
            ceiling,
        };
        let plot = Rect { x: plot.x, width: plot.width, ..*area };
        let top = drawn.draw(&state.look, plot, buffer);
        label(state, name, top, *area, buffer);
    }
    draw_axis(state, &days, axis, buffer);
}

/// Name and scale of a chart.
fn label(state: &State, name: &str, top: u64, area: Rect, buffer: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    let theme = &state.look.theme;
    buffer.set_stringn(area.x + 1, area.y, name, usize::from(LABEL), theme.strong);
    if name == CHARTS[0].0 && area.height > 2 {
        let legend = format!("{} last week", state.look.glyphs.last_week);
        buffer.set_stringn(area.x + 1, area.bottom() - 1, legend, usize::from(LABEL) - 4, theme.strong);
    }
    let top = count(top);
    let x = area.x + LABEL - 1 - u16::try_from(top.len()).unwrap_or(0).min(LABEL - 11);
    buffer.set_stringn(x, area.y, top, usize::from(LABEL), theme.dim);
    if area.height > 1 {
        buffer.set_stringn(area.x + LABEL - 2, area.bottom() - 1, "0", 1, theme.dim);
    }
}

/// The lines of each chart: at least one, and the rest by their shares.
fn heights(height: u16) -> [u16; 4] {
    let shares: u16 = CHARTS.iter().map(|(_, _, share)| share).sum();
    let spare = height.saturating_sub(4);
    let mut heights = CHARTS.map(|(_, _, share)| 1 + spare * share / shares);
    let used: u16 = heights.iter().sum();
    heights[0] = (heights[0] + height).saturating_sub(used);
    heights
}

/// Full hours, and where now is.
fn draw_axis(state: &State, days: &Days<'_>, area: Rect, buffer: &mut Buffer) {
    let (theme, glyphs) = (&state.look.theme, &state.look.glyphs);
    let legend = format!("{} yesterday", glyphs.yesterday);
    buffer.set_stringn(area.x + 1, area.y, legend, usize::from(LABEL) - 2, theme.dim);
    let now = area.x + LABEL + days.now();
    for (column, hour) in days.hours() {
        let x = area.x + LABEL + column;
        if x + 5 < area.right() && (x + 6 < now || x > now + 4) {
            buffer.set_stringn(x, area.y, format!("{hour:02}:00"), 5, theme.dim);
        }
    }
    let room = usize::from(area.right().saturating_sub(now));
    buffer.set_stringn(now, area.y, format!("{}now", glyphs.ascending), room, theme.accent);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_fill_the_height() {
        for height in 4..80 {
            let heights = heights(height);
            assert_eq!(heights.iter().sum::<u16>(), height);
            assert!(heights.iter().all(|it| *it > 0) && heights.is_sorted_by(|a, b| a >= b), "{heights:?}");
        }
    }
}
