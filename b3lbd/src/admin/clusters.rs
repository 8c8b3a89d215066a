//! Clusters and cluster groups.

use std::sync::Arc;

use rpc::{AdminError, AdminResult, ClusterSpec, ClusterView, GroupSpec, GroupView};

use super::Context;
use super::context::{Lookup, check_name, check_text};
use crate::model::{Catalog, Cluster, Group, LoadFactors};
use crate::store::ClusterRow;

pub(super) async fn add(context: &Context, spec: ClusterSpec) -> AdminResult<ClusterView> {
    check_name(&spec.name)?;
    for (field, factor) in
        [("attendee_factor", spec.attendee_factor), ("meeting_factor", spec.meeting_factor)]
    {
        if !(0.0..=1e6).contains(&factor) {
            return Err(AdminError::invalid(field, "a number from 0 to 1000000"));
        }
    }
    if spec.cpu_order > 100 {
        return Err(AdminError::invalid("cpu_order", "a number from 0 to 100"));
    }
    if spec.cpu_max > 1_000_000 {
        return Err(AdminError::invalid("cpu_max", "a number from 0 to 1000000"));
    }
    let algorithm = spec.checksum.parse().map_err(|rule: String| AdminError::invalid("checksum", &rule))?;
    let factors = LoadFactors {
        attendee: spec.attendee_factor,
        meeting: spec.meeting_factor,
        cpu_order: spec.cpu_order,
        cpu_max: spec.cpu_max,
    };
    let (store, name) = (Arc::clone(&context.meetings.store), spec.name.clone());
    context
        .change(async move { store.add_cluster(ClusterRow { name: spec.name, factors, algorithm }).await })
        .await?;
    show(context, &name)
}

pub(super) fn list(context: &Context) -> Vec<ClusterView> {
    let catalog = context.catalog();
    let mut list: Vec<_> = catalog.clusters.values().map(|it| view(&catalog, it)).collect();
    list.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
    list
}

pub(super) fn show(context: &Context, name: &str) -> AdminResult<ClusterView> {
    let catalog = context.catalog();
    Ok(view(&catalog, catalog.cluster(name)?))
}

fn view(catalog: &Catalog, cluster: &Cluster) -> ClusterView {
    let mut groups: Vec<_> = catalog
        .groups
        .values()
        .filter(|it| it.clusters.contains(&cluster.id))
        .map(|it| it.name.clone())
        .collect();
    groups.sort();
    ClusterView {
        spec: ClusterSpec {
            name: cluster.name.clone(),
            attendee_factor: cluster.factors.attendee,
            meeting_factor: cluster.factors.meeting,
            cpu_order: cluster.factors.cpu_order,
            cpu_max: cluster.factors.cpu_max,
            checksum: cluster.algorithm.to_string(),
        },
        groups,
        nodes: catalog.nodes.values().filter(|it| it.cluster.id == cluster.id).count() as u64,
    }
}

pub(super) async fn add_group(context: &Context, spec: GroupSpec) -> AdminResult<GroupView> {
    check_name(&spec.name)?;
    check_text("description", &spec.description, 1000)?;
    let (store, name) = (Arc::clone(&context.meetings.store), spec.name.clone());
    context.change(async move { store.add_group(spec.name, spec.description).await }).await?;
    show_group(context, &name)
}

pub(super) fn groups(context: &Context) -> Vec<GroupView> {
    let catalog = context.catalog();
    let mut list: Vec<_> = catalog.groups.values().map(|it| group_view(&catalog, it)).collect();
    list.sort_by(|a, b| a.name.cmp(&b.name));
    list
}

pub(super) fn show_group(context: &Context, name: &str) -> AdminResult<GroupView> {
    let catalog = context.catalog();
    Ok(group_view(&catalog, catalog.group(name)?))
}

pub(super) async fn assign(context: &Context, group: &str, cluster: &str) -> AdminResult<GroupView> {
    let catalog = context.catalog();
    let (group_id, cluster_id) = (catalog.group(group)?.id, catalog.cluster(cluster)?.id);
    let store = Arc::clone(&context.meetings.store);
    context.change(async move { store.assign_cluster(group_id, cluster_id).await }).await?;
    show_group(context, group)
}

fn group_view(catalog: &Catalog, group: &Group) -> GroupView {
    let clusters = group.clusters.iter().filter_map(|id| Some(catalog.clusters.get(id)?.name.clone()));
    let tenants = catalog.tenants.values().filter(|it| it.group == group.id);
    GroupView {
        name: group.name.clone(),
        description: group.description.clone(),
        clusters: clusters.collect(),
        tenants: tenants.map(|it| it.slug.to_string()).collect(),
    }
}
