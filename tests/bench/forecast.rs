//! How far the forecast of the next full hour is off, on days of a timetable: five full hours with bursts of creates,
//! log-normal sizes that depend on room and occasion, meetings of 45 to 90 minutes, a quarter of them for once only.

use std::collections::HashMap;

use b3lbd::history::forecast;
use jiff::tz::TimeZone;
use rand::rngs::SmallRng;
use rand::{Rng, RngExt, SeedableRng};

const SEEDS: u64 = 40;
const PEOPLE_A_NODE: f64 = 150.0;
/// Sizes: the median, the spread of their logarithm, and the share of its variance that recurs with the room.
const SIZE: (f64, f64, f64) = (8.0, 1.1, 0.7);
const MEAN_SIZE: f64 = 14.6;
const MEAN_DURATION: f64 = 67.5;
/// Share of meetings in rooms that are used once.
const ONE_OFF: f64 = 0.25;
/// The first full hour, and their number.
const FIRST_HOUR: i64 = 8;
const HOURS: i64 = 5;
const DAY: i64 = 24 * 60;

/// Prints the median of the error, and that of the value of a week before as the line to beat.
pub(crate) fn run() {
    for nodes in [100.0, 20.0] {
        for (label, spread) in [("days alike", 0.0), ("days that differ by 20 %", 0.2)] {
            let (mut ours, mut plain) = errors(nodes * PEOPLE_A_NODE, spread);
            println!(
                "forecast   {nodes} nodes, {label}: the peak in the next full hour is off by {:.1} % at the median (goal \
                 under 10), {:.1} % at p90; the value of a week before by {:.1} %, {:.1} %",
                quantile(&mut ours, 0.5),
                quantile(&mut ours, 0.9),
                quantile(&mut plain, 0.5),
                quantile(&mut plain, 0.9),
            );
        }
    }
}

/// The errors in percent: of the forecast, and of the value of a week before.
fn errors(people: f64, spread: f64) -> (Vec<f64>, Vec<f64>) {
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for seed in 0..SEEDS {
        let mut rng = SmallRng::seed_from_u64(seed);
        let timetable = timetable(&mut rng, people);
        let mut peaks = HashMap::new();
        for day in [0, 7] {
            let level = (spread * normal(&mut rng)).exp();
            for (minute, attendees) in (day * DAY..).zip(attendees(&mut rng, &timetable, level)) {
                let peak: &mut u32 = peaks.entry(minute / 15).or_default();
                *peak = attendees.max(*peak);
            }
        }
        for hour in FIRST_HOUR..FIRST_HOUR + HOURS {
            let now = 7 * DAY + hour * 60 - 10;
            let known = |quarter: i64| peaks.get(&quarter).copied().filter(|_| quarter <= now / 15);
            let Some(told) = forecast(now, known, &TimeZone::UTC) else { continue };
            let first = told.minute / 15;
            let came = (first..first + 4).filter_map(|it| peaks.get(&it)).max().copied().unwrap_or(0);
            let error = |value: u32| (f64::from(value) / f64::from(came) - 1.0).abs() * 100.0;
            ours.push(error(told.attendees));
            plain.push(error(told.week_before));
        }
    }
    (ours, plain)
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let at = (values.len() as f64 * share) as usize;
    values.get(at).copied().unwrap_or(f64::NAN)
}

/// When a room is used, in minutes, and the logarithm of its usual size.
#[derive(Clone, Copy)]
struct Room {
    at: f64,
    size: f64,
}

/// The rooms of one weekday.
fn timetable(rng: &mut SmallRng, people: f64) -> Vec<Room> {
    rooms(rng, people * (1.0 - ONE_OFF))
}

fn rooms(rng: &mut SmallRng, people: f64) -> Vec<Room> {
    let (median, spread, recurs) = SIZE;
    let mut rooms = Vec::new();
    let mut add = |rng: &mut SmallRng, at: f64| {
        rooms.push(Room { at, size: f64::ln(median) + spread * recurs.sqrt() * normal(rng) });
    };
    // Some come at any time, from half an hour before the first full hour on.
    let (lead, open) = (minutes(FIRST_HOUR * 60 - 30), minutes(HOURS * 60));
    for _ in 0..poisson(rng, 0.25 * people / MEAN_SIZE / MEAN_DURATION * open) {
        let at = lead + rng.random::<f64>() * open;
        add(rng, at);
    }
    // An hour's meetings overlap with those of the next.
    for hour in FIRST_HOUR..FIRST_HOUR + HOURS {
        for _ in 0..poisson(rng, 0.75 * people / MEAN_SIZE / 1.5) {
            let at = minutes(hour * 60) + rng.random::<f64>() - 0.5;
            add(rng, at);
        }
    }
    rooms
}

/// The attendees in each minute of a day.
fn attendees(rng: &mut SmallRng, timetable: &[Room], level: f64) -> Vec<u32> {
    let recurring: f64 = minutes(i64::try_from(timetable.len()).unwrap_or_default());
    let mut changes = vec![0_i64; usize::try_from(DAY).unwrap_or_default()];
    let once = rooms(rng, people_of(recurring) * ONE_OFF / (1.0 - ONE_OFF));
    for room in timetable.iter().chain(&once) {
        meeting(rng, &mut changes, *room, level);
    }
    let mut there = 0;
    let running = changes.iter().map(|change| {
        there += change;
        u32::try_from(there).unwrap_or(0)
    });
    running.collect()
}

/// The people at the same time in a timetable of this many rooms.
fn people_of(rooms: f64) -> f64 {
    let of_one =
        0.25 / MEAN_SIZE / MEAN_DURATION * minutes(HOURS * 60) + 0.75 / MEAN_SIZE / 1.5 * minutes(HOURS);
    rooms / of_one
}

fn minutes(count: i64) -> f64 {
    f64::from(i32::try_from(count).unwrap_or_default())
}

/// Its people come within some minutes, and leave at its end.
fn meeting(rng: &mut SmallRng, changes: &mut [i64], room: Room, level: f64) {
    let (_, spread, recurs) = SIZE;
    let size = room.size + spread * (1.0 - recurs).sqrt() * normal(rng);
    #[expect(clippy::cast_possible_truncation)]
    let size = (level * size.exp()).round().clamp(1.0, 300.0) as i64;
    let end = room.at + 45.0 + rng.random::<f64>() * 45.0;
    let filling = 2.0 + rng.random::<f64>() * 6.0;
    for _ in 0..size {
        for (at, change) in [(room.at + rng.random::<f64>() * filling, 1), (end, -1)] {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let minute = (at.max(0.0) as usize).min(changes.len() - 1);
            changes[minute] += change;
        }
    }
}

fn normal(rng: &mut impl Rng) -> f64 {
    let (radius, angle) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// A count with this mean, which is large.
fn poisson(rng: &mut impl Rng, mean: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let count = (mean + mean.sqrt() * normal(rng)).round().max(0.0) as u32;
    count
}
