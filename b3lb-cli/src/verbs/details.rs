//! `node show --details`: everything known about a node

use jiff::Timestamp;
use rpc::{LoadParts, NodeDetails, RankView, Sample};
use rpc_client::Failure;

use crate::app::App;
use crate::out::{document, fields, print};
use crate::time;

pub(super) async fn run(app: &App, node: String) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let details = daemon.call(|client, deadline| client.node_details(deadline, node)).await?;
    if app.out.is_json() {
        return document(&details);
    }
    let mut lines = fields(&details.node)?;
    lines.extend(further(&details));
    print(&lines.join("\n"))
}

/// The lines that follow the node's own fields.
fn further(details: &NodeDetails) -> Vec<String> {
    let LoadParts { attendees, meetings, cpu } = details.parts;
    let polled = details.polled_at.and_then(|at| Timestamp::from_millisecond(at).ok());
    let polled = polled.map_or("never".to_owned(), |at| {
        format!("{}, took {} ms", time::local(&format!("{at:.0}")), details.poll_ms)
    });
    vec![
        format!("bound: {} meetings, {} attendees", details.bound, details.bound_attendees),
        format!("load_parts: attendees {attendees:.1}, meetings {meetings:.1}, cpu {cpu:.1}"),
        format!("rank: {}", details.rank.as_ref().map_or("-".to_owned(), ranked)),
        format!("polled: {polled}; {} failed in a row", details.misses),
        format!("last_hour: {}", summed_up(&details.history)),
    ]
}

fn ranked(rank: &RankView) -> String {
    let RankView { attendees, reserved, meetings, cpu, own, rank, .. } = rank;
    format!(
        "{rank:.1} = attendees {attendees:.1} + reserved {reserved:.1} + meetings {meetings:.1} + cpu {cpu:.1} \
         + own {own:.1}"
    )
}

/// Minimum, mean and maximum of the successful polls.
fn summed_up(history: &[Sample]) -> String {
    let loads = range(history.iter().map(|Sample(_, load, ..)| *load));
    let attendees = range(history.iter().map(|Sample(_, _, attendees, _)| i64::from(*attendees)));
    let cpus = range(history.iter().filter_map(|Sample(.., cpu)| cpu.map(i64::from)));
    match (loads, attendees) {
        (Some(loads), Some(attendees)) => {
            let cpus = cpus.unwrap_or_else(|| "-".to_owned());
            format!("load {loads}, attendees {attendees}, cpu {cpus} in {} polls", history.len())
        }
        _ => "-".to_owned(),
    }
}

fn range(values: impl Iterator<Item = i64>) -> Option<String> {
    let values: Vec<_> = values.collect();
    let (least, most) = (values.iter().min()?, values.iter().max()?);
    let mean = values.iter().sum::<i64>() / i64::try_from(values.len()).ok()?;
    Some(format!("{least}-{most} (mean {mean})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_hour_in_one_line() {
        assert_eq!(summed_up(&[]), "-");
        let history = [Sample(1, 10, 1, None), Sample(2, 20, 3, Some(500)), Sample(3, 33, 2, Some(700))];
        assert_eq!(
            summed_up(&history),
            "load 10-33 (mean 21), attendees 1-3 (mean 2), cpu 500-700 (mean 600) in 3 polls"
        );
        assert!(summed_up(&history[..1]).contains("cpu - in"));
    }
}
