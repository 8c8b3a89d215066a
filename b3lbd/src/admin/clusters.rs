//! Clusters.

use std::sync::Arc;

use rpc::{AdminError, AdminResult, ClusterChange, ClusterSpec, ClusterView};

use super::Context;
use super::capacity::Capacities;
use super::context::{Lookup, check_name};
use super::operator::Operator;
use crate::model::{Catalog, Cluster, LoadFactors, Subject};
use crate::store::{ClusterRow, Edit};

/// Validates a cluster.
pub(super) fn row(spec: ClusterSpec) -> AdminResult<ClusterRow> {
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
    if !(1..=100).contains(&spec.target_cpu) {
        return Err(AdminError::invalid("target_cpu", "a percentage from 1 to 100"));
    }
    let algorithm = spec.checksum.parse().map_err(|rule: String| AdminError::invalid("checksum", &rule))?;
    let factors = LoadFactors {
        attendee: spec.attendee_factor,
        meeting: spec.meeting_factor,
        cpu_order: spec.cpu_order,
        cpu_max: spec.cpu_max,
    };
    Ok(ClusterRow { name: spec.name, factors, algorithm, target_cpu: spec.target_cpu })
}

/// Converts a cluster to its rpc type.
pub(super) fn spec(cluster: &Cluster) -> ClusterSpec {
    ClusterSpec {
        name: cluster.name.clone(),
        attendee_factor: cluster.factors.attendee,
        meeting_factor: cluster.factors.meeting,
        cpu_order: cluster.factors.cpu_order,
        cpu_max: cluster.factors.cpu_max,
        checksum: cluster.algorithm.to_string(),
        target_cpu: cluster.target_cpu,
    }
}

pub(super) async fn add(operator: &Operator, spec: ClusterSpec) -> AdminResult<ClusterView> {
    let row = row(spec)?;
    let name = row.name.clone();
    let subject = Subject::Cluster(name.clone());
    let catalog = operator.change("cluster add", subject, |_| Ok(vec![Edit::AddCluster(row)])).await?;
    Ok(view(&operator.context, &catalog, catalog.cluster(&name)?))
}

pub(super) async fn set(operator: &Operator, name: &str, change: ClusterChange) -> AdminResult<ClusterView> {
    let subject = Subject::Cluster(name.to_owned());
    let named = name.to_owned();
    let plan = move |catalog: &Catalog| {
        let old = spec(catalog.cluster(&named)?);
        let new = ClusterSpec {
            name: named,
            attendee_factor: change.attendee_factor.unwrap_or(old.attendee_factor),
            meeting_factor: change.meeting_factor.unwrap_or(old.meeting_factor),
            cpu_order: change.cpu_order.unwrap_or(old.cpu_order),
            cpu_max: change.cpu_max.unwrap_or(old.cpu_max),
            checksum: change.checksum.unwrap_or(old.checksum),
            target_cpu: change.target_cpu.unwrap_or(old.target_cpu),
        };
        Ok(vec![Edit::SetCluster(row(new)?)])
    };
    let catalog = operator.change("cluster set", subject, plan).await?;
    Ok(view(&operator.context, &catalog, catalog.cluster(name)?))
}

pub(super) async fn remove(operator: &Operator, name: &str) -> AdminResult<ClusterView> {
    let gone = show(&operator.context, name)?;
    let (subject, named) = (Subject::Cluster(name.to_owned()), name.to_owned());
    operator.change("cluster rm", subject, |_| Ok(vec![Edit::RemoveCluster(named)])).await?;
    Ok(gone)
}

/// All clusters, without their capacity: watchers have that of the nodes.
pub(super) fn list(catalog: &Catalog) -> Vec<ClusterView> {
    let mut list: Vec<_> = catalog.clusters.values().map(|it| configured(catalog, it)).collect();
    list.sort_by(|a, b| a.name.cmp(&b.name));
    list
}

/// All clusters with their capacity.
pub(super) fn list_with_capacity(context: &Context) -> Vec<ClusterView> {
    let catalog = context.catalog();
    let capacities = Capacities::now(context);
    let with = |it: ClusterView| {
        let capacity = capacities.of_clusters(&catalog, |cluster| cluster.name == it.name);
        ClusterView { capacity, ..it }
    };
    list(&catalog).into_iter().map(with).collect()
}

pub(super) fn show(context: &Context, name: &str) -> AdminResult<ClusterView> {
    let catalog = context.catalog();
    Ok(view(context, &catalog, catalog.cluster(name)?))
}

fn view(context: &Context, catalog: &Catalog, cluster: &Arc<Cluster>) -> ClusterView {
    let capacity = Capacities::now(context).of_clusters(catalog, |it| it.id == cluster.id);
    ClusterView { capacity, ..configured(catalog, cluster) }
}

fn configured(catalog: &Catalog, cluster: &Arc<Cluster>) -> ClusterView {
    let groups = catalog.groups.values().filter(|it| it.clusters.contains(&cluster.id));
    let mut groups: Vec<_> = groups.map(|it| it.name.clone()).collect();
    groups.sort();
    let ClusterSpec { name, attendee_factor, meeting_factor, cpu_order, cpu_max, checksum, target_cpu } =
        spec(cluster);
    ClusterView {
        name,
        attendee_factor,
        meeting_factor,
        cpu_order,
        cpu_max,
        checksum,
        target_cpu,
        groups,
        nodes: catalog.nodes.values().filter(|it| it.cluster.id == cluster.id).count() as u64,
        capacity: None,
    }
}
