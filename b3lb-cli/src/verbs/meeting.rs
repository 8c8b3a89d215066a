//! `meeting list|show|end`

use rpc::{ExcludedNodes, MeetingFilter, MeetingView, PlacementView};
use rpc_client::{Failure, clean};

use crate::app::App;
use crate::args::meeting::{MeetingVerb, Named};
use crate::ask;
use crate::text::count;
use crate::{table, time};

const COLUMNS: &[&str] = &["id", "name", "tenant", "sub_id", "node", "attendees", "created_at"];
const RANKED: &[&str] = &["node", "rank", "attendees", "reserved", "meetings", "cpu", "own"];

pub(super) async fn run(app: &App, verb: MeetingVerb) -> Result<(), Failure> {
    match verb {
        MeetingVerb::List { tenant, node, sort } => {
            let daemon = app.connect().await?;
            let filter = MeetingFilter { tenant, node };
            let meetings = daemon
                .all(|client, deadline, page| client.meeting_list(deadline, filter.clone(), page))
                .await?;
            app.out.list(&meetings, COLUMNS, sort.as_ref())
        }
        MeetingVerb::Show { named, why: true } => why(app, named).await,
        MeetingVerb::Show { named: Named { secret, meeting_id }, why: false } => {
            let daemon = app.connect().await?;
            let show = daemon.call(|client, deadline| client.meeting_show(deadline, secret, meeting_id));
            app.out.show(&show.await?)
        }
        MeetingVerb::End(named) => end(app, named).await,
    }
}

async fn why(app: &App, named: Named) -> Result<(), Failure> {
    let Named { secret, meeting_id } = named;
    let daemon = app.connect().await?;
    let told = daemon.call(|client, deadline| client.meeting_why(deadline, secret, meeting_id)).await?;
    let lines = match &told.placement {
        Some(placement) => reasons(&told.meeting, placement)?,
        None => vec![format!(
            "It was not placed by this pool, but found running on {}, or imported",
            told.meeting.node
        )],
    };
    app.out.changed(&told, &lines)
}

fn reasons(meeting: &MeetingView, placement: &PlacementView) -> Result<Vec<String>, Failure> {
    let mut lines = vec![format!(
        "Placed on {} at {}: the lowest rank of {}, with {:.0} attendees expected",
        meeting.node,
        time::local(&meeting.created_at),
        count(u64::from(placement.candidates), "candidate"),
        placement.expected,
    )];
    if let Some(former) = &placement.moved_from {
        lines.push(format!("Moved from {former}, which was down"));
    }
    lines.push(String::new());
    let ranked = placement.best.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
    lines.extend(table::render(&ranked, RANKED).lines().map(str::to_owned));
    if !placement.excluded.is_empty() {
        lines.extend([String::new(), "No candidates:".to_owned()]);
    }
    for ExcludedNodes { why, count: number, nodes } in &placement.excluded {
        let more = if u64::from(*number) > nodes.len() as u64 { ", …" } else { "" };
        let number = count(u64::from(*number), "node");
        lines.push(format!("  {number} {}: {}{more}", why.in_words(), nodes.join(", ")));
    }
    Ok(lines)
}

async fn end(app: &App, named: Named) -> Result<(), Failure> {
    let ask = app.has_to_ask("meeting end")?;
    let Named { secret, meeting_id } = named;
    let daemon = app.connect().await?;
    if ask {
        let (secret, id) = (secret.clone(), meeting_id.clone());
        let meeting = daemon.call(|client, deadline| client.meeting_show(deadline, secret, id)).await?;
        ask::confirm(&question(&meeting)).await?;
    }
    let view = daemon.call(|client, deadline| client.meeting_end(deadline, secret, meeting_id)).await?;
    let MeetingView { id, tenant, sub_id, node, .. } = &view;
    app.out.changed(&view, &[format!("Meeting {id} of {tenant}-{sub_id:03} on {node} ended")])
}

fn question(meeting: &MeetingView) -> String {
    let MeetingView { id, name, node, attendees, .. } = meeting;
    let attendees = count(*attendees, "attendee");
    format!("End meeting {} ({}) on {} with {attendees}?", clean(id), clean(name), clean(node))
}
