//! `param set|override|block|clear|list`

use rpc::{ParamMode, ParamSpec, ParamView};
use rpc_client::{Failure, clean};

use crate::app::App;
use crate::args::param::{Named, On, ParamVerb};
use crate::ask;
use crate::out::note;
use crate::text::count;

const COLUMNS: &[&str] = &["call", "name", "mode", "value"];

pub(super) async fn run(app: &App, verb: ParamVerb) -> Result<(), Failure> {
    match verb {
        ParamVerb::Set(set) => put(app, spec(set.name, ParamMode::Set, Some(set.value), &set.on)).await,
        ParamVerb::Override(set) => {
            put(app, spec(set.name, ParamMode::Override, Some(set.value), &set.on)).await
        }
        ParamVerb::Block { name, on } => put(app, spec(name, ParamMode::Block, None, &on)).await,
        ParamVerb::Clear(named) => clear(app, named).await,
        ParamVerb::List { tenant, sort } => {
            let daemon = app.connect().await?;
            let rules = daemon.call(|client, deadline| client.param_list(deadline, tenant)).await?;
            warn(&rules);
            app.out.list(&rules, COLUMNS, sort.as_ref())
        }
    }
}

fn spec(named: Named, mode: ParamMode, value: Option<String>, on: &On) -> ParamSpec {
    ParamSpec { tenant: named.tenant, name: named.name, mode, value, on: on.on }
}

async fn put(app: &App, spec: ParamSpec) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let rows = daemon.call(|client, deadline| client.param_set(deadline, spec)).await?;
    let line = |row: &ParamView| format!("Parameter {} of tenant {} {}", row.name, row.tenant, in_words(row));
    warn(&rows);
    app.out.changed(&rows, &rows.iter().map(line).collect::<Vec<_>>())
}

/// Prints warnings about rules, each only once.
fn warn(rules: &[ParamView]) {
    for warning in rules.iter().filter_map(|rule| rule.warning.as_ref()) {
        note(&format!("warning: {warning}"));
    }
}

async fn clear(app: &App, named: Named) -> Result<(), Failure> {
    let ask = app.has_to_ask("param clear")?;
    let Named { tenant, name } = named;
    let daemon = app.connect().await?;
    if ask {
        let mut rules = daemon.call(|client, deadline| client.param_list(deadline, tenant.clone())).await?;
        rules.retain(|rule| rule.name == name);
        let what: Vec<_> = rules.iter().map(|rule| clean(&in_words(rule))).collect();
        let rules = count(rules.len() as u64, "rule");
        let question = format!(
            "Remove {rules} of tenant {} for {} ({})?",
            clean(&tenant),
            clean(&name),
            what.join(", ")
        );
        ask::confirm(&question).await?;
    }
    let line = format!("Parameter {name} of tenant {tenant} cleared");
    let rows = daemon.call(|client, deadline| client.param_clear(deadline, tenant, name)).await?;
    app.out.changed(&rows, &[line])
}

fn in_words(rule: &ParamView) -> String {
    let value = rule.value.as_deref().unwrap_or_default();
    match rule.mode {
        ParamMode::Set => format!("set to {value} on {}", rule.call),
        ParamMode::Override => format!("overridden with {value} on {}", rule.call),
        ParamMode::Block => format!("blocked on {}", rule.call),
    }
}
