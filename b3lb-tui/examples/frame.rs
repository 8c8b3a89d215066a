//! What a frame costs with 1,000 nodes and 20,000 meetings: `cargo run --release -p b3lb-tui --example frame`.
//!
//! A frame is all the work after an event was applied: sorting, text, and the difference to the previous frame.
//! Each tab is measured after its data changed, after the cursor moved, and while a filter is typed.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and may stop")]

#[expect(dead_code, reason = "tests use more of it")]
#[path = "../tests/tui/world.rs"]
mod world;

use std::io::sink;
use std::time::{Duration, Instant};

use b3lb_tui::message::{Call, Event, Reply};
use b3lb_tui::screens::{self, SCREENS};
use b3lb_tui::theme::Look;
use b3lb_tui::update::{refresh, update};
use b3lb_tui::view::render;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use crate::world::HUGE;

const CEILING: Duration = Duration::from_millis(5);
const FRAMES: usize = 200;
const SIZE: (u16, u16) = (200, 60);

fn main() {
    println!(
        "frame of {}x{}, {} nodes, {} meetings; ceiling {CEILING:?}",
        SIZE.0, SIZE.1, HUGE.nodes, HUGE.meetings
    );
    println!("{:10} {:14} {:>9} {:>9} {:>9}  p99/ceiling", "tab", "after", "median", "p99", "update");
    for tab in 0..SCREENS.len() {
        let changes = (0..FRAMES).map(|round| Event::Watched(Box::new(world::change(HUGE, round))));
        measure(tab, "data changed", changes);
        measure(tab, "cursor moved", keys(['j'].into_iter().cycle()));
        measure(tab, "filter typed", keys("/bbb-015".chars()));
    }
}

fn keys(keys: impl Iterator<Item = char>) -> impl Iterator<Item = Event> {
    keys.take(FRAMES).map(|c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)))
}

fn measure(tab: usize, what: &str, events: impl Iterator<Item = Event>) {
    let mut state = screens::start(Look::default(), "unix:/run/b3lb/admin.sock", SIZE, tab);
    update(&mut state, Event::Connected { hello: world::hello(), place: "unix:/run/b3lb/admin.sock".into() });
    update(&mut state, Event::Watched(Box::new(world::snapshot(HUGE))));
    let history = Reply::PoolHistory(Box::new(world::pool_history()));
    update(&mut state, Event::Answered(Call::PoolHistory, Ok(history)));
    // The terminal's own speed does not count.
    let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.0, SIZE.1));
    let mut terminal =
        Terminal::with_options(CrosstermBackend::new(sink()), TerminalOptions { viewport }).unwrap();
    refresh(&mut state);
    terminal.draw(|frame| render(&state, frame)).unwrap();
    let (mut frames, mut updates) = (Vec::new(), Vec::new());
    for (at, event) in (1..).zip(events) {
        let begun = Instant::now();
        update(&mut state, Event::Clock(at * 1000));
        update(&mut state, event);
        updates.push(begun.elapsed());
        let begun = Instant::now();
        refresh(&mut state);
        terminal.draw(|frame| render(&state, frame)).unwrap();
        frames.push(begun.elapsed());
    }
    let (median, p99, updates) = (at(&mut frames, 50), at(&mut frames, 99), at(&mut updates, 50));
    let ratio = p99.as_secs_f64() / CEILING.as_secs_f64();
    let millis = |it: Duration| format!("{:.2} ms", it.as_secs_f64() * 1000.0);
    println!(
        "{:10} {what:14} {:>9} {:>9} {:>9}  {ratio:.2}",
        SCREENS[tab].title(),
        millis(median),
        millis(p99),
        millis(updates)
    );
}

/// A percentile of the times.
fn at(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}
