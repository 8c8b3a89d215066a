//! `meeting list|show|end`

use rpc::{MeetingFilter, MeetingView};
use rpc_client::{Failure, clean};

use crate::app::App;
use crate::args::meeting::{MeetingVerb, Named};
use crate::ask;
use crate::text::count;

const COLUMNS: &[&str] = &["id", "name", "tenant", "sub_id", "node", "attendees", "created_at"];

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
        MeetingVerb::Show(Named { secret, meeting_id }) => {
            let daemon = app.connect().await?;
            let show = daemon.call(|client, deadline| client.meeting_show(deadline, secret, meeting_id));
            app.out.show(&show.await?)
        }
        MeetingVerb::End(named) => end(app, named).await,
    }
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
