//! Carries out verbs. Each noun has a file, each verb that is more than one call has a function.

mod api_mate;
mod apply;
mod asset;
mod audit;
mod backup;
mod check;
mod cluster;
mod details;
mod drain;
mod events;
mod export;
mod group;
mod import;
mod install;
mod legacy;
mod meeting;
mod node;
mod param;
mod promote;
mod proxy;
mod secret;
mod status;
mod tenant;
mod usage;
mod wait;
mod what_if;
mod which;

use rpc_client::{Exit, Failure};

use crate::app::App;
use crate::args::Verb;
use crate::args::config::ConfigVerb;
use crate::args::daemon::DaemonVerb;

/// Runs one verb to completion.
pub(crate) async fn run(app: &App, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Cluster(verb) => cluster::run(app, verb).await?,
        Verb::Group(verb) => group::run(app, verb).await?,
        Verb::Node(verb) => node::run(app, verb).await?,
        Verb::Tenant(verb) => tenant::run(app, verb).await?,
        Verb::Secret(verb) => secret::run(app, verb).await?,
        Verb::Param(verb) => param::run(app, verb).await?,
        Verb::Asset(verb) => asset::run(app, verb).await?,
        Verb::Meeting(verb) => meeting::run(app, verb).await?,
        Verb::Daemon(DaemonVerb::Status) => return status::run(app).await,
        Verb::Daemon(DaemonVerb::Backup { file }) => backup::run(app, &file).await?,
        Verb::Daemon(DaemonVerb::ApiMate { name }) => api_mate::run(app, name).await?,
        Verb::Daemon(DaemonVerb::Promote { yes }) => promote::run(app, yes).await?,
        Verb::Daemon(DaemonVerb::Proxy) => proxy::run(&app.target).await?,
        Verb::Events(events) => self::events::run(app, events).await?,
        Verb::Usage(usage) => self::usage::run(app, usage).await?,
        Verb::Config(ConfigVerb::Export(export)) => self::export::run(app, export).await?,
        Verb::Config(ConfigVerb::Apply(apply)) => self::apply::run(app, apply).await?,
        Verb::Install(verb) => install::run(app, verb)?,
        Verb::Import(verb) => return import::run(app, verb).await,
        Verb::Legacy(verb) => return legacy::run(app, verb).await,
    }
    Ok(Exit::Done)
}
