//! `tenant add|set|rm|list|show`

use rpc::{AdminClient, TenantChange, TenantSpec};
use rpc_client::{Failure, clean};

use crate::app::App;
use crate::args::tenant::{Change, TenantAdd, TenantSet, TenantVerb};
use crate::ask;
use crate::daemon::Daemon;
use crate::text::count;

const COLUMNS: &[&str] =
    &["slug", "group", "hostname", "meetings", "meeting_limit", "attendees", "attendee_limit", "description"];

pub(super) async fn run(app: &App, verb: TenantVerb) -> Result<(), Failure> {
    match verb {
        TenantVerb::Add(add) => self::add(app, add).await,
        TenantVerb::Set(set) => self::set(app, set).await,
        TenantVerb::Rm { slug } => remove(app, slug).await,
        TenantVerb::List { group, sort } => {
            let daemon = app.connect().await?;
            let mut tenants = daemon.all(AdminClient::tenant_list).await?;
            tenants.retain(|it| group.as_ref().is_none_or(|group| it.group == *group));
            app.out.list(&tenants, COLUMNS, sort.as_ref())
        }
        TenantVerb::Show { slug } => {
            let daemon = app.connect().await?;
            app.out.show(&daemon.call(|client, deadline| client.tenant_show(deadline, slug)).await?)
        }
    }
}

async fn add(app: &App, add: TenantAdd) -> Result<(), Failure> {
    let spec = TenantSpec {
        slug: add.slug,
        group: add.group,
        description: add.description,
        attendee_limit: add.attendee_limit,
        meeting_limit: add.meeting_limit,
    };
    let daemon = app.connect().await?;
    let view = daemon.call(|client, deadline| client.tenant_add(deadline, spec)).await?;
    let mut lines = vec![format!("Tenant {} added", view.slug), format!("hostname: {}", view.hostname)];
    lines.extend(view.secret.as_ref().map(|secret| format!("secret: {}", secret.reveal())));
    app.out.changed(&view, &lines)
}

async fn set(app: &App, set: TenantSet) -> Result<(), Failure> {
    let new_token = set.change.new_stats_token;
    let (change, words) = change(set.change);
    let daemon = app.connect().await?;
    let view = daemon.call(|client, deadline| client.tenant_set(deadline, set.slug, change)).await?;
    let mut lines = vec![format!("Tenant {} changed: {words}", view.slug)];
    let token = view.stats_token.as_ref().filter(|_| new_token);
    lines.extend(token.map(|token| format!("stats token: {}", token.reveal())));
    app.out.changed(&view, &lines)
}

/// The change, and a description of its new values.
fn change(change: Change) -> (TenantChange, String) {
    let Change { description, group, attendee_limit, meeting_limit, new_stats_token } = change;
    let words = [
        description.as_ref().map(|text| format!("description {text}")),
        group.as_ref().map(|name| format!("group {name}")),
        attendee_limit.map(|limit| format!("attendee limit {limit}")),
        meeting_limit.map(|limit| format!("meeting limit {limit}")),
        new_stats_token.then(|| "new stats token".to_owned()),
    ];
    let words: Vec<_> = words.into_iter().flatten().collect();
    let change = TenantChange { description, group, attendee_limit, meeting_limit, new_stats_token };
    (change, words.join(", "))
}

async fn remove(app: &App, slug: String) -> Result<(), Failure> {
    let ask = app.has_to_ask("tenant rm")?;
    let daemon = app.connect().await?;
    if ask {
        ask::confirm(&question(&daemon, &slug).await?).await?;
    }
    let view = daemon.call(|client, deadline| client.tenant_rm(deadline, slug)).await?;
    app.out.changed(&view, &[format!("Tenant {} removed", view.slug)])
}

async fn question(daemon: &Daemon, slug: &str) -> Result<String, Failure> {
    let slug = || slug.to_owned();
    let view = daemon.call(|client, deadline| client.tenant_show(deadline, slug())).await?;
    let secrets =
        daemon.all(|client, deadline, page| client.secret_list(deadline, Some(slug()), page)).await?;
    let rules = daemon.call(|client, deadline| client.param_list(deadline, slug())).await?;
    let assets = daemon.all(|client, deadline, page| client.asset_list(deadline, Some(slug()), page)).await?;
    Ok(format!(
        "Remove tenant {} with {}, {} and {}?",
        clean(&view.slug),
        count(secrets.len() as u64, "secret"),
        count(rules.len() as u64, "parameter rule"),
        count(assets.len() as u64, "asset"),
    ))
}
