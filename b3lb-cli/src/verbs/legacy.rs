//! The legacy verbs that scripts know from earlier versions of B3LB, with the output that these scripts
//! expect.

use std::fmt::Write as _;

use rpc::{AdminClient, AssetKind, NewSecret};
use rpc_client::{Exit, Failure};
use serde_json::{Map, Value, json};

use super::{asset, node};
use crate::app::App;
use crate::args::legacy::{AddNode, AddSecrets, LegacyVerb};
use crate::args::node::NodeAdd;
use crate::daemon::Daemon;
use crate::out::{document, print};

/// Column widths of the secrets table, unless a host name is longer.
const ENDPOINT: usize = 32;
const SECRET: usize = 42;

pub(super) async fn run(app: &App, verb: LegacyVerb) -> Result<Exit, Failure> {
    match verb {
        LegacyVerb::AddNode(add) => return add_node(app, add).await,
        LegacyVerb::AddSecrets(add) => add_secrets(app, add).await?,
        LegacyVerb::CheckSlides => check_slides(app).await?,
        LegacyVerb::GetLoadValues => load_values(app).await?,
        LegacyVerb::GetTenantSecrets { tenant_slug } => tenant_secrets(app, tenant_slug).await?,
        LegacyVerb::ListAllTenantSecrets => all_tenant_secrets(app).await?,
        LegacyVerb::MeetingStats => meeting_stats(app).await?,
    }
    Ok(Exit::Done)
}

/// Scripts look for either outcome as a sentence on standard output.
async fn add_node(app: &App, add: AddNode) -> Result<Exit, Failure> {
    let AddNode { slug, secret, cluster, domain } = add;
    let spec = NodeAdd { slug: slug.clone(), cluster: cluster.clone(), secret, domain, active: false };
    let (exit, sentence) = match node::add(app, spec).await {
        Ok(view) if app.out.is_json() => return document(&view).map(|()| Exit::Done),
        Ok(_) => (Exit::Done, format!("Node {slug} added")),
        Err(failure) if app.out.is_json() => return Err(failure),
        Err(failure) if failure.exit == Exit::Conflict => {
            (Exit::Conflict, format!("Node {slug} already exists"))
        }
        Err(failure) if failure.exit == Exit::NotFound => {
            (Exit::NotFound, format!("Cluster {cluster} doesn't exist"))
        }
        Err(failure) => return Err(failure),
    };
    print(&sentence)?;
    Ok(exit)
}

async fn add_secrets(app: &App, add: AddSecrets) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let (first, last) = add.sub_id;
    let added = daemon
        .call(|client, deadline| client.secret_add_range(deadline, add.tenant_slug, first, last))
        .await?;
    let keys: Map<_, _> =
        added.iter().map(|new| (new.view.name.clone(), Value::from(new.secret.reveal()))).collect();
    document(&keys)
}

async fn check_slides(app: &App) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let mut checks = asset::list(&daemon, None).await?;
    checks.retain(|check| check.kind == AssetKind::Slide);
    document(&checks)
}

async fn load_values(app: &App) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let nodes = daemon.all(AdminClient::node_list).await?;
    let loads: Map<_, _> =
        nodes.iter().map(|node| (node.fqdn(), json!([node.load, node.cpu.unwrap_or(0)]))).collect();
    document(&loads)
}

async fn reveal(daemon: &Daemon, tenant: Option<String>) -> Result<Vec<NewSecret>, Failure> {
    daemon.all(|client, deadline, page| client.secret_reveal(deadline, tenant.clone(), page)).await
}

async fn tenant_secrets(app: &App, tenant: Option<String>) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let secrets = reveal(&daemon, tenant).await?;
    let keys: Map<_, _> = secrets
        .iter()
        .map(|NewSecret { view, secret }| {
            let value = json!({"secret": secret.reveal(), "hostname": view.hostname, "recording": false});
            (view.name.clone(), value)
        })
        .collect();
    document(&keys)
}

async fn all_tenant_secrets(app: &App) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let secrets = reveal(&daemon, None).await?;
    if app.out.is_json() {
        return document(&secrets);
    }
    print(secrets_table(&secrets).trim_end())
}

fn secrets_table(secrets: &[NewSecret]) -> String {
    let longest = secrets.iter().map(|new| new.view.hostname.chars().count()).max();
    let width = longest.unwrap_or(0).max(ENDPOINT);
    let mut table = format!("{:width$} | Secret\n{}\n", "Endpoint", "=".repeat(width + SECRET + 4));
    let mut tenant = None;
    for NewSecret { view, secret } in secrets {
        if tenant.is_some_and(|last: &String| *last != view.tenant) {
            let _ = writeln!(table, "{}+{}", "-".repeat(width + 1), "-".repeat(SECRET + 1));
        }
        tenant = Some(&view.tenant);
        let _ = writeln!(table, "{:width$} | {}", view.hostname, secret.reveal());
    }
    table
}

async fn meeting_stats(app: &App) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let stats = daemon.call(AdminClient::meeting_stats).await?;
    let mut totals = Map::new();
    totals.insert("meetings".to_owned(), stats.meetings.into());
    totals.insert("attendees".to_owned(), stats.attendees.into());
    for tenant in stats.tenants {
        let share = json!({"meetings": tenant.meetings, "attendees": tenant.attendees});
        totals.insert(tenant.tenant, share);
    }
    document(&totals)
}
