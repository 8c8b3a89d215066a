//! `meeting list|end`

use rpc::{MeetingFilter, MeetingView};

use crate::app::{App, Daemon};
use crate::args::meeting::{MeetingEnd, MeetingVerb};
use crate::ask;
use crate::exit::Failure;
use crate::text::clean;

const COLUMNS: &[&str] = &["id", "name", "tenant", "sub_id", "node", "attendees", "created_at"];

pub(super) async fn run(app: &App, verb: MeetingVerb) -> Result<(), Failure> {
    match verb {
        MeetingVerb::List { tenant, node } => {
            let daemon = app.connect().await?;
            let filter = MeetingFilter { tenant, node };
            app.out.list(&daemon.client.meeting_list(daemon.deadline(), filter).await??, COLUMNS)
        }
        MeetingVerb::End(end) => self::end(app, end).await,
    }
}

async fn end(app: &App, end: MeetingEnd) -> Result<(), Failure> {
    if !app.yes && !ask::can_ask() {
        return Err(ask::needs_yes("meeting end"));
    }
    let daemon = app.connect().await?;
    if !app.yes {
        let meeting = running(&daemon, &end).await?;
        ask::confirm(&question(&end, meeting.as_ref())).await?;
    }
    let MeetingEnd { secret, meeting_id } = end;
    let view = daemon.client.meeting_end(daemon.deadline(), secret, meeting_id).await??;
    let MeetingView { id, tenant, sub_id, node, .. } = &view;
    app.out.changed(&view, &[format!("Meeting {id} of {tenant}-{sub_id:03} on {node} ended")])
}

/// The meeting, if the daemon knows it; the filter takes in all sub ids if only a tenant is named.
async fn running(daemon: &Daemon, end: &MeetingEnd) -> Result<Option<MeetingView>, Failure> {
    let filter = MeetingFilter { tenant: Some(end.secret.clone()), node: None };
    let meetings = daemon.client.meeting_list(daemon.deadline(), filter).await??;
    let any_sub_id = end.secret.contains('-');
    Ok(meetings.into_iter().find(|it| it.id == end.meeting_id && (any_sub_id || it.sub_id == 0)))
}

fn question(end: &MeetingEnd, meeting: Option<&MeetingView>) -> String {
    match meeting {
        Some(MeetingView { id, name, node, attendees, .. }) => {
            format!("End meeting {} ({}) on {node} with {attendees} attendees?", clean(id), clean(name))
        }
        None => format!("End meeting {} of {}?", clean(&end.meeting_id), clean(&end.secret)),
    }
}
