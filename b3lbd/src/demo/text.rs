//! What the demo prints.

use std::fmt::Write;
use std::path::PathBuf;

use rpc::NewSecret;
use simnode::SimNode;

use super::client::{api_url, signed};
use super::daemons::OtherDaemon;
use super::tools::path_of;
use crate::app::App;

/// Commands to be pasted into a shell.
pub(super) fn welcome(
    app: &App,
    others: &[OtherDaemon],
    nodes: &[SimNode],
    secrets: &[NewSecret],
    moved: bool,
) -> String {
    let api = api_url(app.address());
    let key = secrets.first().map(|it| it.secret.reveal()).unwrap_or_default();
    let sign = |call, params: &[(&str, &str)]| signed(&api, key, call, params);
    let create = sign("create", &[("meetingID", "my-room"), ("name", "My room"), ("moderatorPW", "mod")]);
    let join = sign("join", &[("meetingID", "my-room"), ("fullName", "Ada"), ("password", "mod")]);
    let (cli, tui) = (tool(app, "b3lb-cli"), tool(app, "b3lb-tui"));
    let mut text =
        String::from("B3LB demo: one BigBlueButton API in front of a pool of nodes (simulated ones).\n\n");
    let mut line = |label: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {label:<14}{value}");
    };
    line(
        "front end",
        &format!("http://{}{}", app.address(), if moved { "  (the usual port is taken)" } else { "" }),
    );
    for (n, node) in nodes.iter().enumerate() {
        line(&format!("node n{}", n + 1), &format!("http://n{}.localhost:{}", n + 1, node.port()));
    }
    for secret in secrets {
        line(
            &secret.view.name,
            &format!(
                "{}  (host form: http://{}:{})",
                secret.secret.reveal(),
                secret.view.hostname,
                app.address().port()
            ),
        );
    }
    line("API URL", &api);
    let _ = write!(
        text,
        "\nCreate a meeting:\n  curl -s '{create}'\n\nJoin it (the answer sends you to its node; or open the URL in a browser):\n  \
         curl -si '{join}'\n\nSee it listed:\n  curl -s '{}'\n\nLook at the pool as an operator:\n  {cli} node list\n  \
         {cli} meeting list\n  {cli} node maintenance n1 on\n\nWatch it live, in another terminal:\n  {tui}\n",
        sign("getMeetings", &[]),
    );
    if let Some(pid) = others.first().and_then(OtherDaemon::pid) {
        let _ = write!(
            text,
            "\nThe front end is a replica of another daemon, the primary. Let that one hang:\n  kill -STOP {pid}\n\n\
             Joins and lists go on, and new meetings are refused until the replica takes over:\n  {cli} status\n  \
             {cli} promote\n\nThe former primary comes back as a replica:\n  kill -CONT {pid}\n",
        );
    }
    text.push_str("\nctrl-c ends the demo and leaves nothing behind.\n");
    text
}

/// The command that runs a tool from here.
fn tool(app: &App, name: &str) -> String {
    let tool = match path_of(name).filter(|it| it.exists()) {
        Some(path) => shorten(path).display().to_string(),
        None => format!("cargo run --release -q -p {name} --"),
    };
    if rpc::wire::default_sockets().iter().any(|it| it == app.socket()) {
        tool
    } else {
        format!("{tool} --connect unix:{}", app.socket().display())
    }
}

/// Makes a path relative to the working directory, if possible.
fn shorten(path: PathBuf) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).map(ToOwned::to_owned).unwrap_or(path)
}
