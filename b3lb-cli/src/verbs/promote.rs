//! `promote`: a replica becomes the primary, with its steps as they go

use rpc::{AdminClient, Role};
use rpc_client::{Failure, clean};
use serde::Serialize;

use crate::app::App;
use crate::ask;
use crate::out::{document, print};

/// How long one call waits for the next step, in milliseconds.
const WAIT_MS: u32 = 5_000;

/// The result in JSON.
#[derive(Serialize)]
struct Promoted {
    role: &'static str,
    steps: Vec<String>,
}

pub(super) async fn run(app: &App, yes: bool) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let status = daemon.call(AdminClient::status).await?;
    if status.role == Role::Replica && !yes {
        if !ask::can_ask() {
            return Err(Failure::usage("promote makes this daemon the primary").hint("--yes confirms it"));
        }
        let known = status.replication;
        let primary = known.as_ref().and_then(|it| it.primary.clone()).unwrap_or_default();
        let lives = match known.as_ref().and_then(|it| it.primary_answers) {
            Some(true) => "which answers and becomes a replica",
            _ => "which does not answer",
        };
        let question = format!("Take over from {}, {lives}?", clean(&primary));
        ask::confirm(&question).await?;
    }
    daemon.call(AdminClient::promote).await?;
    let mut steps: Vec<String> = Vec::new();
    loop {
        let seen = u32::try_from(steps.len()).unwrap_or(u32::MAX);
        let more = daemon.call(|client, deadline| client.promotion(deadline, seen, WAIT_MS)).await?;
        if !app.out.is_json() {
            for step in &more.steps {
                print(&clean(step))?;
            }
        }
        steps.extend(more.steps);
        match (more.done, more.error) {
            (true, Some(error)) => {
                let failure = Failure::failed(format!("the takeover has failed: {}", clean(&error)));
                return Err(failure.hint("`b3lb-cli status` tells the role; promote tries again"));
            }
            (true, None) => break,
            (false, _) => {}
        }
    }
    if app.out.is_json() { document(&Promoted { role: Role::Primary.as_str(), steps }) } else { Ok(()) }
}
