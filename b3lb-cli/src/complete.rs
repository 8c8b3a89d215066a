//! Completions that know the names of clusters, groups, nodes, tenants and secrets, because they ask the daemon.

use std::ffi::OsStr;
use std::time::Duration;

use clap::{Command, CommandFactory as _};
use clap_complete::{ArgValueCompleter, CompleteEnv, CompletionCandidate};
use rpc_client::Target;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::args::Cli;
use crate::daemon::Daemon;

/// The variable by which the scripts of `completions` call this program back.
pub(crate) const VARIABLE: &str = "COMPLETE";
/// Whoever presses tab does not wait longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What an argument names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    Clusters,
    Groups,
    Nodes,
    Tenants,
    Secrets,
}

/// Answers a shell that asks for completions, and exits; returns if none does.
pub(crate) fn answer_shell() {
    CompleteEnv::with_factory(command).var(VARIABLE).complete();
}

/// The command line, with completions for names.
fn command() -> Command {
    with_names(Cli::command(), "")
}

fn with_names(command: Command, noun: &str) -> Command {
    let verb = command.get_name().to_owned();
    let command = command.mut_args(|arg| match names(noun, &verb, arg.get_id().as_str()) {
        Some(names) => arg.add(ArgValueCompleter::new(move |typed: &OsStr| candidates(names, typed))),
        None => arg,
    });
    command.mut_subcommands(|below| with_names(below, &verb))
}

/// What the argument `id` of a verb names, unless it is a new name.
fn names(noun: &str, verb: &str, id: &str) -> Option<Names> {
    match (noun, verb, id) {
        (_, _, "cluster") => Some(Names::Clusters),
        (_, _, "group") => Some(Names::Groups),
        (_, _, "node") => Some(Names::Nodes),
        (_, _, "tenant" | "tenant_slug" | "of_tenant") => Some(Names::Tenants),
        ("meeting", _, "secret") => Some(Names::Secrets),
        (_, "add", _) => None,
        ("cluster", _, "name") => Some(Names::Clusters),
        ("group", _, "name") => Some(Names::Groups),
        ("secret", _, "name") => Some(Names::Secrets),
        ("tenant", _, "slug") => Some(Names::Tenants),
        _ => None,
    }
}

/// The names that begin with what is typed; none if the daemon cannot be asked.
fn candidates(names: Names, typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return Vec::new() };
    let found = runtime.block_on(async { timeout(PATIENCE, fetch(names)).await.ok().flatten() });
    let begins = |name: &String| name.get(..typed.len()).is_some_and(|it| it.eq_ignore_ascii_case(typed));
    found.into_iter().flatten().filter(begins).map(CompletionCandidate::new).collect()
}

async fn fetch(names: Names) -> Option<Vec<String>> {
    // The shell passes on the environment; an option --connect on the unfinished line is not known here.
    let target = match std::env::var("B3LB_ADMIN_SOCKET") {
        Ok(text) => text.parse().ok()?,
        Err(_) => Target::default(),
    };
    let connection = rpc_client::connect(&target, "b3lb-cli completions", false).await.ok()?;
    let daemon = Daemon::new(connection, PATIENCE);
    Some(match names {
        Names::Clusters => {
            let all = daemon.all(rpc::AdminClient::cluster_list).await.ok()?;
            all.into_iter().map(|it| it.name).collect()
        }
        Names::Groups => {
            let all = daemon.all(rpc::AdminClient::group_list).await.ok()?;
            all.into_iter().map(|it| it.name).collect()
        }
        Names::Nodes => {
            let all = daemon.all(rpc::AdminClient::node_list).await.ok()?;
            node_names(&all.into_iter().map(|it| (it.slug, it.domain)).collect::<Vec<_>>())
        }
        Names::Tenants => {
            let all = daemon.all(rpc::AdminClient::tenant_list).await.ok()?;
            all.into_iter().map(|it| it.slug).collect()
        }
        Names::Secrets => {
            let all =
                daemon.all(|client, deadline, page| client.secret_list(deadline, None, page)).await.ok()?;
            all.into_iter().map(|it| it.name).collect()
        }
    })
}

/// The slug where it is unique, else `slug.domain`.
fn node_names(nodes: &[(String, String)]) -> Vec<String> {
    let unique = |slug: &str| nodes.iter().filter(|(other, _)| other == slug).count() == 1;
    nodes
        .iter()
        .map(|(slug, domain)| if unique(slug) { slug.clone() } else { format!("{slug}.{domain}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_that_are_not_unique_get_their_domain() {
        let node = |slug: &str, domain: &str| (slug.to_owned(), domain.to_owned());
        let nodes = vec![node("a", "x.org"), node("b", "x.org"), node("a", "y.org")];
        assert_eq!(node_names(&nodes), ["a.x.org", "b", "a.y.org"]);
    }

    #[test]
    fn new_names_are_not_completed() {
        assert_eq!(names("tenant", "add", "slug"), None);
        assert_eq!(names("tenant", "add", "group"), Some(Names::Groups));
        assert_eq!(names("node", "add", "secret"), None);
        assert_eq!(names("param", "set", "name"), None);
        assert_eq!(names("secret", "rotate", "name"), Some(Names::Secrets));
    }
}
