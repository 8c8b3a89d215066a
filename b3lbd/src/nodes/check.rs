//! Checks a node step by step, so that an operator sees which step fails.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::resolver::lookup;
use super::{NodeClient, NodeError};
use crate::bbb::{Params, ParseError, flat_response, parse_get_meetings};
use crate::model::{Node, printable};

/// Slower answers cause a warning.
const SLOW: Duration = Duration::from_millis(500);
/// Seconds by which clocks may differ.
const CLOCKS_DIFFER: i64 = 10;
/// The API version that we support.
const API_VERSION: &str = "2.0";

/// What is checked, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its name resolves.
    Dns,
    /// A TCP connection can be opened.
    Tcp,
    /// Its certificate is valid.
    Tls,
    /// It answers like BBB.
    Api,
    /// It accepts our secret.
    Secret,
    /// The load URL returns a plausible value.
    Load,
    /// Its clock agrees with ours.
    Clock,
    /// It answers fast.
    Latency,
}

/// The outcome of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Works as expected.
    Good,
    /// Works, but deserves a look.
    Doubtful,
    /// Does not work.
    Bad,
    /// Not checked, because an earlier step failed or the step does not apply.
    Skipped,
}

/// The result of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The step.
    pub step: Step,
    /// The outcome.
    pub outcome: Outcome,
    /// Details in words.
    pub text: String,
}

/// The results of all steps.
#[derive(Clone, Debug, Default)]
pub struct Examination {
    /// The result of each step.
    pub findings: Vec<Finding>,
    /// The BBB version that the node reports.
    pub bbb_version: Option<String>,
    /// How long its API took to answer.
    pub latency: Option<Duration>,
    /// Seconds by which its clock is ahead of ours.
    pub clock_ahead: Option<i64>,
}

impl Examination {
    fn note(&mut self, step: Step, outcome: Outcome, text: impl Into<String>) {
        self.findings.push(Finding { step, outcome, text: text.into() });
    }

    fn skip(&mut self, steps: &[Step], why: &str) {
        for step in steps {
            self.note(*step, Outcome::Skipped, why);
        }
    }
}

impl NodeClient {
    /// Checks a node. `now` is our own clock, in milliseconds since 1970.
    pub async fn examine(&self, node: &Node, now: i64) -> Examination {
        use Step::{Api, Clock, Latency, Load, Secret, Tcp, Tls};
        let mut it = Examination::default();
        let (host, port, tls) = self.place(node);
        let Some(addresses) = resolve(&mut it, &host, port, self.timeout()).await else {
            it.skip(&[Tcp, Tls, Api, Secret, Load, Clock, Latency], "the name does not resolve");
            return it;
        };
        if !connect(&mut it, &addresses, self.timeout()).await {
            it.skip(&[Tls, Api, Secret, Load, Clock, Latency], "no connection");
            return it;
        }
        let begun = Instant::now();
        let root = self.root(node).await;
        let took = begun.elapsed();
        let (answer, date) = match root {
            Err(NodeError::Refused(reason)) if tls => {
                it.note(Tls, Outcome::Bad, reason);
                it.skip(&[Api, Secret, Load, Clock, Latency], "no encrypted connection");
                return it;
            }
            Err(error) => {
                note_tls(&mut it, tls);
                let text = format!(
                    "{error}; it accepts connections, but BBB does not answer: see bbb-conf --status on it"
                );
                it.note(Api, Outcome::Bad, text);
                it.skip(&[Secret, Load, Clock, Latency], "its API does not answer");
                return it;
            }
            Ok(answer) => answer,
        };
        note_tls(&mut it, tls);
        note_version(&mut it, answer.status, &answer.body);
        self.note_secret(&mut it, node).await;
        self.note_load(&mut it, node).await;
        note_clock(&mut it, date.as_deref(), now);
        it.latency = Some(took);
        let slow = if took > SLOW { Outcome::Doubtful } else { Outcome::Good };
        it.note(Latency, slow, format!("{} ms for a connection and an answer", took.as_millis()));
        it
    }

    /// Asks a node for its BBB version.
    pub async fn version(&self, node: &Node) -> Result<Option<String>, NodeError> {
        let (answer, _) = self.root(node).await?;
        Ok(bbb_version(&answer.body))
    }

    async fn note_secret(&self, it: &mut Examination, node: &Node) {
        let answer = match self.call(node, "getMeetings", &Params::default(), None).await {
            Ok(answer) => answer,
            Err(error) => return it.note(Step::Secret, Outcome::Bad, error.to_string()),
        };
        match parse_get_meetings(&answer.body) {
            Ok(_) => it.note(Step::Secret, Outcome::Good, "the node accepts it"),
            Err(ParseError::Refused(key)) if key == "checksumError" => {
                let algorithm = node.cluster.algorithm;
                let text = format!(
                    "the node rejects it: it is wrong, or the node does not accept {algorithm} checksums; \
                     bbb-conf --secret on the node shows the right one, node set --secret - sets it"
                );
                it.note(Step::Secret, Outcome::Bad, text);
            }
            Err(ParseError::Refused(key)) => {
                it.note(Step::Secret, Outcome::Bad, format!("the node answers {}", printable(&key)));
            }
            Err(error) => {
                it.note(Step::Secret, Outcome::Bad, format!("{error}, HTTP status {}", answer.status));
            }
        }
    }

    async fn note_load(&self, it: &mut Examination, node: &Node) {
        match self.cpu(node).await {
            Ok(cpu) => {
                let percent = f64::from(cpu) / 100.0;
                it.note(
                    Step::Load,
                    Outcome::Good,
                    format!("{cpu} of 10000, which is {percent:.0} % of its CPU"),
                );
            }
            Err(error) => {
                let text = format!(
                    "{error}; without it the load counts meetings and attendees only: \
                     run share/node/install on the node"
                );
                it.note(Step::Load, Outcome::Doubtful, text);
            }
        }
    }
}

async fn resolve(it: &mut Examination, host: &str, port: u16, limit: Duration) -> Option<Vec<SocketAddr>> {
    match timeout(limit, lookup(host, port)).await {
        Ok(Ok(addresses)) if !addresses.is_empty() => {
            let list: Vec<_> = addresses.iter().map(|it| it.ip().to_string()).collect();
            it.note(Step::Dns, Outcome::Good, format!("{host} is {}", list.join(", ")));
            Some(addresses)
        }
        Ok(Ok(_)) => {
            it.note(Step::Dns, Outcome::Bad, format!("{host} has no address"));
            None
        }
        Ok(Err(error)) => {
            it.note(Step::Dns, Outcome::Bad, format!("{host}: {error}"));
            None
        }
        Err(_) => {
            it.note(Step::Dns, Outcome::Bad, format!("{host}: no answer within {limit:?}"));
            None
        }
    }
}

async fn connect(it: &mut Examination, addresses: &[SocketAddr], limit: Duration) -> bool {
    let mut reason = String::new();
    for address in addresses {
        match timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(_)) => {
                it.note(Step::Tcp, Outcome::Good, format!("{address} answers"));
                return true;
            }
            Ok(Err(error)) => reason = format!("{address}: {error}"),
            Err(_) => reason = format!("{address}: no answer within {limit:?}"),
        }
    }
    let text = format!("{reason}; does its nginx run, and does its firewall let this machine in?");
    it.note(Step::Tcp, Outcome::Bad, text);
    false
}

fn note_tls(it: &mut Examination, tls: bool) {
    if tls {
        it.note(Step::Tls, Outcome::Good, "the certificate is good");
    } else {
        it.note(Step::Tls, Outcome::Skipped, "B3LB_NODE_PROTOCOL is http://");
    }
}

/// The version in a node's answer to a request without a call.
fn bbb_version(body: &[u8]) -> Option<String> {
    let children = flat_response(body).ok()?;
    let (_, version) = children.into_iter().find(|(name, _)| name == "bbbVersion")?;
    Some(printable(version.trim()).chars().take(50).collect()).filter(|it: &String| !it.is_empty())
}

fn note_version(it: &mut Examination, status: u16, body: &[u8]) {
    let children = flat_response(body).unwrap_or_default();
    let get = |name: &str| {
        children.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone()).filter(|it| !it.is_empty())
    };
    it.bbb_version = bbb_version(body);
    let bbb = it.bbb_version.as_ref().map(|it| format!(", BBB {it}")).unwrap_or_default();
    match get("version") {
        Some(version) if version == API_VERSION => {
            it.note(Step::Api, Outcome::Good, format!("API {version}{bbb}"));
        }
        Some(version) => {
            it.note(Step::Api, Outcome::Doubtful, format!("API {version}{bbb}, not {API_VERSION}"));
        }
        None => it.note(Step::Api, Outcome::Bad, format!("no BBB at this URL, HTTP status {status}")),
    }
}

fn note_clock(it: &mut Examination, date: Option<&str>, now: i64) {
    let node_time = date.and_then(|it| jiff::fmt::rfc2822::parse(it).ok());
    let Some(node_time) = node_time else {
        return it.note(Step::Clock, Outcome::Skipped, "the node does not send the time");
    };
    // The `Date` header has whole seconds.
    let ahead = node_time.timestamp().as_second() - now.div_euclid(1000);
    it.clock_ahead = Some(ahead);
    if ahead.abs() <= CLOCKS_DIFFER {
        return it.note(Step::Clock, Outcome::Good, "agrees with ours");
    }
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    it.note(Step::Clock, Outcome::Doubtful, format!("{} s {side} ours: is NTP running?", ahead.abs()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(date: Option<&str>) -> (Outcome, Option<i64>) {
        let mut it = Examination::default();
        note_clock(&mut it, date, 1_700_000_000_000);
        (it.findings[0].outcome, it.clock_ahead)
    }

    #[test]
    fn clocks() {
        assert_eq!(clock(Some("Tue, 14 Nov 2023 22:13:22 GMT")), (Outcome::Good, Some(2)));
        assert_eq!(clock(Some("Tue, 14 Nov 2023 22:14:20 GMT")), (Outcome::Doubtful, Some(60)));
        assert_eq!(clock(Some("Tue, 14 Nov 2023 22:10:20 GMT")), (Outcome::Doubtful, Some(-180)));
        assert_eq!(clock(None), (Outcome::Skipped, None));
    }

    #[test]
    fn versions() {
        let read = |body: &str| {
            let mut it = Examination::default();
            note_version(&mut it, 200, body.as_bytes());
            (it.findings[0].outcome, it.findings[0].text.clone())
        };
        let good = "<response><returncode>SUCCESS</returncode><version>2.0</version><apiVersion>2.0</apiVersion>\
                    <bbbVersion>3.0.4</bbbVersion></response>";
        assert_eq!(read(good), (Outcome::Good, "API 2.0, BBB 3.0.4".to_owned()));
        assert_eq!(read("<html>nginx</html>").0, Outcome::Bad);
    }
}
