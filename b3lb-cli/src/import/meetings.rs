//! Running meetings.

use rpc::{MeetingImport, NodeConfig};

use super::dump::Dump;
use super::record::Found;
use super::report::Report;

/// Converts the meetings. Their id is a field since B3LB 3.2.3, and the primary key before that.
pub(super) fn meetings(
    dump: &mut Dump,
    secrets: &Found<String>,
    nodes: &Found<NodeConfig>,
    report: &mut Report,
) -> Vec<MeetingImport> {
    let records = dump.take("rest.meeting");
    let meetings = report.collect(&records, |record| {
        Ok(MeetingImport {
            secret: secrets.of(record, "secret")?.clone(),
            id: record.optional_text("id")?.unwrap_or_else(|| record.pk.clone()),
            name: record.text("room_name")?,
            node: node_name(nodes.of(record, "node")?),
            ended_url: record.optional_text("end_callback_url")?,
        })
    });
    meetings.into_iter().map(|(_, meeting)| meeting).collect()
}

fn node_name(node: &NodeConfig) -> String {
    match &node.domain {
        Some(domain) => format!("{}.{domain}", node.slug),
        None => node.slug.clone(),
    }
}
