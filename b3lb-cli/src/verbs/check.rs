//! `node check`: checks a node on demand

use rpc::{Finding, NodeCheck, Verdict};
use rpc_client::{Exit, Failure, clean};

use crate::app::App;
use crate::out::{document, print};
use crate::paint::Paint;

pub(super) async fn run(app: &App, node: String) -> Result<(), Failure> {
    let daemon = app.connect().await?;
    let check = daemon.call(|client, deadline| client.node_check(deadline, node)).await?;
    if app.out.is_json() {
        document(&check)?;
    } else {
        let paint = Paint::for_stdout();
        let lines: Vec<_> = check.findings.iter().map(|finding| line(finding, paint)).collect();
        print(&lines.join("\n"))?;
    }
    if check.good { Ok(()) } else { Err(bad(&check)) }
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
