//! Clusters, groups and nodes of a configuration.

use std::collections::BTreeSet;

use rpc::{AdminError, AdminResult, ClusterSpec, FieldChange, GroupConfig, NodeConfig};

use super::draft::{Draft, Facts, changed, changed_secret, new_field};
use crate::admin::{clusters, groups, nodes};
use crate::store::{Edit, NodeEdit, NodeName};

pub(super) fn clusters(facts: &Facts<'_>, draft: &mut Draft, specs: Vec<ClusterSpec>) -> AdminResult<()> {
    for spec in specs {
        let name = spec.name.clone();
        draft.item(("cluster", &name), |draft| {
            let row = clusters::row(spec.clone())?;
            match facts.catalog.cluster_named(&name) {
                None => {
                    let fields = cluster_fields(&spec).map(|(field, value)| new_field(field, &value));
                    draft.add("cluster", &name, fields.into(), vec![Edit::AddCluster(row)]);
                }
                Some(old) => {
                    let old = clusters::spec(old);
                    let pairs = cluster_fields(&old).into_iter().zip(cluster_fields(&spec));
                    let fields = pairs.filter_map(|((field, old), (_, new))| changed(field, &old, &new));
                    draft.change("cluster", &name, fields.collect(), vec![Edit::SetCluster(row)]);
                }
            }
            draft.clusters.insert(name.clone());
            Ok(())
        })?;
    }
    for cluster in facts.catalog.clusters.values() {
        if !draft.names("cluster", &cluster.name) {
            draft.surplus("cluster", &cluster.name, vec![Edit::RemoveCluster(cluster.name.clone())]);
            if !draft.options.prune {
                draft.clusters.insert(cluster.name.clone());
            }
        }
    }
    Ok(())
}

fn cluster_fields(spec: &ClusterSpec) -> [(&'static str, String); 6] {
    [
        ("attendee_factor", spec.attendee_factor.to_string()),
        ("meeting_factor", spec.meeting_factor.to_string()),
        ("cpu_order", spec.cpu_order.to_string()),
        ("cpu_max", spec.cpu_max.to_string()),
        ("checksum", spec.checksum.clone()),
        ("target_cpu", spec.target_cpu.to_string()),
    ]
}

pub(super) fn groups(facts: &Facts<'_>, draft: &mut Draft, configs: Vec<GroupConfig>) -> AdminResult<()> {
    for config in configs {
        let name = config.name.clone();
        draft.item(("group", &name), |draft| group(facts, draft, config))?;
    }
    for group in facts.catalog.groups.values() {
        if !draft.names("group", &group.name) {
            draft.surplus("group", &group.name, vec![Edit::RemoveGroup(group.name.clone())]);
            if !draft.options.prune {
                draft.groups.insert(group.name.clone());
            }
        }
    }
    Ok(())
}

fn group(facts: &Facts<'_>, draft: &mut Draft, config: GroupConfig) -> AdminResult<()> {
    let GroupConfig { name, description, clusters } = config;
    groups::check(&name, &description)?;
    let mut wanted = BTreeSet::new();
    for cluster in clusters {
        if draft.clusters.contains(&cluster) {
            wanted.insert(cluster);
        } else if draft.options.import {
            draft.leave_out("group", &format!("{name} cluster {cluster}"), "there is no such cluster");
        } else {
            return Err(AdminError::not_found("cluster", &cluster));
        }
    }
    draft.groups.insert(name.clone());
    let assign = |cluster: &String| Edit::Assign(name.clone(), cluster.clone());
    let list = |clusters: &BTreeSet<String>| clusters.iter().cloned().collect::<Vec<_>>().join(", ");
    let Some(old) = facts.catalog.group_named(&name) else {
        let fields = vec![new_field("description", &description), new_field("clusters", &list(&wanted))];
        let mut edits = vec![Edit::AddGroup(name.clone(), description)];
        edits.extend(wanted.iter().map(assign));
        draft.add("group", &name, fields, edits);
        return Ok(());
    };
    let has: BTreeSet<String> = groups::clusters_of(facts.catalog, old).into_iter().collect();
    let fields = [
        changed("description", &old.description, &description),
        changed("clusters", &list(&has), &list(&wanted)),
    ];
    let mut edits = vec![Edit::DescribeGroup(name.clone(), description)];
    edits.extend(wanted.difference(&has).map(assign));
    edits.extend(has.difference(&wanted).map(|it| Edit::Unassign(name.clone(), it.clone())));
    draft.change("group", &name, fields.into_iter().flatten().collect(), edits);
    Ok(())
}

pub(super) fn nodes(facts: &Facts<'_>, draft: &mut Draft, configs: Vec<NodeConfig>) -> AdminResult<()> {
    for config in configs {
        let written = match &config.domain {
            Some(domain) => format!("{}.{domain}", config.slug),
            None => config.slug.clone(),
        };
        let known = nodes::name(facts.context, &config.slug, config.domain.as_deref());
        let name = known.as_ref().map_or(written, ToString::to_string);
        draft.item(("node", &name), |draft| node(facts, draft, known?, config))?;
    }
    for (name, node) in &facts.nodes {
        if !draft.names("node", name) {
            if draft.options.prune {
                facts.check_is_free(node)?;
            }
            let gone = NodeName { slug: node.slug.clone(), domain: node.domain.clone() };
            draft.surplus("node", name, vec![Edit::RemoveNode(gone)]);
        }
    }
    Ok(())
}

fn node(facts: &Facts<'_>, draft: &mut Draft, name: NodeName, config: NodeConfig) -> AdminResult<()> {
    let NodeConfig { cluster, maintenance, secret, .. } = config;
    let secret = secret.map(|it| nodes::secret(it.reveal())).transpose()?;
    if !draft.clusters.contains(&cluster) {
        return Err(AdminError::not_found("cluster", &cluster));
    }
    let fqdn = name.to_string();
    let Some(old) = facts.nodes.get(&fqdn) else {
        let secret = secret.ok_or_else(|| AdminError::invalid("secret", "is required for a new node"))?;
        let maintenance = maintenance.unwrap_or(true);
        let fields = vec![new_field("cluster", &cluster), new_field("maintenance", &maintenance)];
        draft.add("node", &fqdn, fields, vec![Edit::AddNode(name, cluster, secret, maintenance)]);
        return Ok(());
    };
    let fields: Vec<FieldChange> = [
        changed("cluster", &old.cluster.name, &cluster),
        maintenance.and_then(|it| changed("maintenance", &old.maintenance, &it)),
        changed_secret("secret", Some(&old.secret), secret.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let edit = NodeEdit { cluster: Some(cluster), secret, maintenance, drain: None };
    draft.change("node", &fqdn, fields, vec![Edit::SetNode(name, edit)]);
    Ok(())
}
