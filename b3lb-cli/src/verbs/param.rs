//! `param set|override|block|clear|list`

use rpc::{ParamMode, ParamSpec};

use crate::app::{App, Daemon};
use crate::args::param::{Named, On, ParamVerb};
use crate::exit::Failure;

const COLUMNS: &[&str] = &["call", "name", "mode", "value"];

pub(super) async fn run(app: &App, verb: ParamVerb) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    match verb {
        ParamVerb::Set(set) => {
            put(app, &daemon, spec(set.name, ParamMode::Set, Some(set.value), &set.on)).await
        }
        ParamVerb::Override(set) => {
            put(app, &daemon, spec(set.name, ParamMode::Override, Some(set.value), &set.on)).await
        }
        ParamVerb::Block { name, on } => put(app, &daemon, spec(name, ParamMode::Block, None, &on)).await,
        ParamVerb::Clear(Named { tenant, name }) => {
            let rows = daemon.client.param_clear(daemon.deadline(), tenant.clone(), name.clone()).await??;
            app.out.changed(&rows, &[format!("Parameter {name} of tenant {tenant} cleared")])
        }
        ParamVerb::List { tenant } => {
            app.out.list(&daemon.client.param_list(daemon.deadline(), tenant).await??, COLUMNS)
        }
    }
}

fn spec(named: Named, mode: ParamMode, value: Option<String>, on: &On) -> ParamSpec {
    ParamSpec { tenant: named.tenant, name: named.name, mode, value, on: on.wanted() }
}

async fn put(app: &App, daemon: &Daemon, spec: ParamSpec) -> Result<(), Failure> {
    let rows = daemon.client.param_set(daemon.deadline(), spec).await??;
    let lines: Vec<_> = rows
        .iter()
        .map(|row| {
            let what = match (row.mode, row.value.as_deref().unwrap_or_default()) {
                (ParamMode::Set, value) => format!("set to {value}"),
                (ParamMode::Override, value) => format!("overridden with {value}"),
                (ParamMode::Block, _) => "blocked".to_owned(),
            };
            format!("Parameter {} of tenant {} {what} on {}", row.name, row.tenant, row.call)
        })
        .collect();
    app.out.changed(&rows, &lines)
}
