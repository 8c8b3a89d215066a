//! Clusters, cluster groups, and nodes.

use std::collections::BTreeMap;

use rpc::{ClusterSpec, GroupConfig, NodeConfig};

use super::dump::Dump;
use super::record::{Found, Record};
use super::report::Report;

/// The algorithm that B3LB 2 signs all calls to nodes with.
const BEFORE_3: &str = "sha1";

/// Converts the clusters. Their load factors have different names here, but the same meaning.
pub(super) fn clusters(dump: &mut Dump, report: &mut Report) -> Found<ClusterSpec> {
    let checksums = checksums_of_groups(dump);
    let mut signed_as_before = Vec::new();
    let records = dump.take("rest.cluster");
    let clusters = report.collect(&records, |record| {
        let defaults = ClusterSpec::named(record.text("name")?);
        let own = record.optional_text("sha_function")?;
        let checksum = own.or_else(|| checksums.get(&record.pk).cloned()).unwrap_or_else(|| {
            signed_as_before.push(defaults.name.clone());
            BEFORE_3.to_owned()
        });
        Ok(ClusterSpec {
            attendee_factor: record.number("load_a_factor", defaults.attendee_factor)?,
            meeting_factor: record.number("load_m_factor", defaults.meeting_factor)?,
            cpu_order: record.count("load_cpu_iterations", defaults.cpu_order)?,
            cpu_max: record.count("load_cpu_max", defaults.cpu_max)?,
            target_cpu: defaults.target_cpu,
            checksum,
            name: defaults.name,
        })
    });
    if !signed_as_before.is_empty() {
        report.notes.push(format!(
            "calls to nodes are signed with {BEFORE_3}, as in B3LB 2, in cluster {}; if all nodes support sha256: \
             b3lb-cli cluster set NAME --checksum sha256",
            signed_as_before.join(", ")
        ));
    }
    Found::new("rest.cluster", clusters)
}

/// The checksum algorithm by cluster. B3LB 3.0 stores it in the groups. The last relation wins, as in its own
/// migration to 3.1.
fn checksums_of_groups(dump: &Dump) -> BTreeMap<String, String> {
    let checksum = |group: &Record| Some((group.pk.clone(), group.optional_text("sha_function").ok()??));
    let groups: BTreeMap<_, _> = dump.of("rest.clustergroup").iter().filter_map(checksum).collect();
    let of_relation = |relation: &Record| {
        let checksum = groups.get(&relation.reference("cluster_group").ok()?)?;
        Some((relation.reference("cluster").ok()?, checksum.clone()))
    };
    dump.of("rest.clustergrouprelation").iter().filter_map(of_relation).collect()
}

/// Converts the cluster groups with their clusters.
pub(super) fn groups(
    dump: &mut Dump,
    clusters: &Found<ClusterSpec>,
    report: &mut Report,
) -> Found<GroupConfig> {
    let records = dump.take("rest.clustergroup");
    let groups = report.collect(&records, |record| {
        let description = record.optional_text("description")?.unwrap_or_default();
        Ok(GroupConfig { name: record.text("name")?, description, clusters: Vec::new() })
    });
    let mut groups = Found::new("rest.clustergroup", groups);
    let relations = dump.take("rest.clustergrouprelation");
    report.collect(&relations, |record| {
        let cluster = &clusters.of(record, "cluster")?.name;
        let group = groups.of_mut(record, "cluster_group")?;
        // The old database allows duplicate relations.
        if !group.clusters.contains(cluster) {
            group.clusters.push(cluster.clone());
        }
        Ok(())
    });
    groups
}

/// Converts the nodes with their maintenance flag. Poll results are not imported, because the nodes are
/// polled again.
pub(super) fn nodes(
    dump: &mut Dump,
    clusters: &Found<ClusterSpec>,
    report: &mut Report,
) -> Found<NodeConfig> {
    let records = dump.take("rest.node");
    let nodes = report.collect(&records, |record| {
        Ok(NodeConfig {
            slug: record.text("slug")?,
            domain: record.optional_text("domain")?,
            cluster: clusters.of(record, "cluster")?.name.clone(),
            maintenance: record.flag("maintenance")?,
            secret: Some(record.text("secret")?.into()),
        })
    });
    Found::new("rest.node", nodes)
}
