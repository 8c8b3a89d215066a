//! `node check`: checks a node on demand

use rpc::{Finding, NodeCheck, Verdict};
use rpc_client::{Exit, Failure, clean};

use super::which::Nodes;
use crate::app::App;
use crate::args::which::Which;
use crate::out::{document, print};
use crate::paint::Paint;
use crate::text::count;

pub(super) async fn run(app: &App, which: Which) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let nodes = Nodes::find(&daemon, which).await?;
    let paint = Paint::for_stdout();
    let (mut checks, mut failures) = (Vec::new(), Vec::new());
    for name in nodes.names() {
        let check = daemon.call(|client, deadline| client.node_check(deadline, name.clone())).await?;
        if !app.out.is_json() {
            let lines: Vec<_> = check.findings.iter().map(|finding| line(finding, paint)).collect();
            let head =
                if matches!(nodes, Nodes::One(_)) { String::new() } else { format!("{}\n", check.node) };
            print(&format!("{head}{}", lines.join("\n")))?;
        }
        failures.extend((!check.good).then(|| bad(&check)));
        checks.push(check);
    }
    if app.out.is_json() {
        match (&nodes, checks.as_slice()) {
            (Nodes::One(_), [check]) => document(check)?,
            _ => document(&checks)?,
        }
    }
    match failures.len() {
        0 => Ok(()),
        1 => Err(failures.remove(0)),
        failed => {
            let message = format!("{failed} of {} do not work", count(checks.len() as u64, "node"));
            Err(Failure::new(Exit::Failed, "check_failed", message).hint("the failed checks say what to do"))
        }
    }
}

/// Not a table, because the text may be long and is the most useful part.
fn line(finding: &Finding, paint: Paint) -> String {
    let verdict = format!("{:7}", finding.verdict.as_str());
    let verdict = match finding.verdict {
        Verdict::Good => paint.green(&verdict),
        Verdict::Warning => paint.yellow(&verdict),
        Verdict::Bad => paint.red(&verdict),
        Verdict::Skipped => verdict,
    };
    format!("{:7}  {verdict}  {}", finding.item.as_str(), clean(&finding.text))
}

fn bad(check: &NodeCheck) -> Failure {
    let bad = check.findings.iter().filter(|finding| finding.verdict == Verdict::Bad);
    let bad: Vec<_> = bad.map(|finding| finding.item.as_str()).collect();
    let message = format!("node {} does not work: {}", check.node, bad.join(", "));
    Failure::new(Exit::Failed, "check_failed", message).hint("the failed checks say what to do")
}
