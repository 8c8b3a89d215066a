//! `tenant add|set|list|show`

use rpc::{TenantChange, TenantSpec};

use crate::app::App;
use crate::args::tenant::{Change, TenantAdd, TenantVerb};
use crate::exit::Failure;

const COLUMNS: &[&str] =
    &["slug", "group", "hostname", "meetings", "meeting_limit", "attendees", "attendee_limit", "description"];

pub(super) async fn run(app: &App, verb: TenantVerb) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    match verb {
        TenantVerb::Add(add) => {
            let view = daemon.client.tenant_add(daemon.deadline(), spec(add)).await??;
            let mut lines =
                vec![format!("Tenant {} added", view.slug), format!("hostname: {}", view.hostname)];
            lines.extend(view.secret.as_ref().map(|secret| format!("secret: {}", secret.reveal())));
            app.out.changed(&view, &lines)
        }
        TenantVerb::Set(set) => {
            let (change, fields) = change(set.change);
            let view = daemon.client.tenant_set(daemon.deadline(), set.slug, change).await??;
            app.out.changed(&view, &[format!("Tenant {} changed: {fields}", view.slug)])
        }
        TenantVerb::List => app.out.list(&daemon.client.tenant_list(daemon.deadline()).await??, COLUMNS),
        TenantVerb::Show { slug } => {
            app.out.show(&daemon.client.tenant_show(daemon.deadline(), slug).await??)
        }
    }
}

fn spec(add: TenantAdd) -> TenantSpec {
    TenantSpec {
        slug: add.slug,
        group: add.group,
        description: add.description,
        attendee_limit: add.attendee_limit,
        meeting_limit: add.meeting_limit,
    }
}

/// The change, and in words what it gives a new value.
fn change(change: Change) -> (TenantChange, String) {
    let Change { description, group, attendee_limit, meeting_limit } = change;
    let words = [
        description.as_ref().map(|text| format!("description {text}")),
        group.as_ref().map(|name| format!("group {name}")),
        attendee_limit.map(|limit| format!("attendee limit {limit}")),
        meeting_limit.map(|limit| format!("meeting limit {limit}")),
    ];
    let words: Vec<_> = words.into_iter().flatten().collect();
    (TenantChange { description, group, attendee_limit, meeting_limit }, words.join(", "))
}
