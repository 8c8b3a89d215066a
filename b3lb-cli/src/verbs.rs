//! Does what was typed: a file for each noun, one function for each verb with more than a call in it.

mod asset;
mod b3lb;
mod cluster;
mod drain;
mod group;
mod meeting;
mod node;
mod param;
mod secret;
mod tenant;

use crate::app::App;
use crate::args::Verb;
use crate::exit::{Exit, Failure};

/// Runs one verb to its end.
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
        Verb::B3lb(verb) => return b3lb::run(app, verb).await,
    }
    Ok(Exit::Done)
}
