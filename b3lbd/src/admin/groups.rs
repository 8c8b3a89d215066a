//! Cluster groups.

use rpc::{AdminResult, GroupChange, GroupSpec, GroupView};

use super::Context;
use super::capacity::Capacities;
use super::context::{Lookup, check_name, check_text};
use super::operator::Operator;
use crate::model::{Catalog, Group, Subject};
use crate::store::Edit;

const LONGEST_DESCRIPTION: usize = 1000;

/// Validates the name and description of a group.
pub(super) fn check(name: &str, description: &str) -> AdminResult<()> {
    check_name(name)?;
    check_text("description", description, LONGEST_DESCRIPTION)
}

pub(super) async fn add(operator: &Operator, spec: GroupSpec) -> AdminResult<GroupView> {
    check(&spec.name, &spec.description)?;
    let GroupSpec { name, description } = spec;
    let edit = Edit::AddGroup(name.clone(), description);
    let catalog = operator.change("group add", Subject::Group(name.clone()), |_| Ok(vec![edit])).await?;
    Ok(view(&operator.context, &catalog, catalog.group(&name)?))
}

pub(super) async fn set(operator: &Operator, name: &str, change: GroupChange) -> AdminResult<GroupView> {
    let named = name.to_owned();
    let plan = move |catalog: &Catalog| {
        catalog.group(&named)?;
        let Some(description) = change.description else { return Ok(Vec::new()) };
        check(&named, &description)?;
        Ok(vec![Edit::DescribeGroup(named, description)])
    };
    let catalog = operator.change("group set", Subject::Group(name.to_owned()), plan).await?;
    Ok(view(&operator.context, &catalog, catalog.group(name)?))
}

pub(super) async fn remove(operator: &Operator, name: &str) -> AdminResult<GroupView> {
    let gone = show(&operator.context, name)?;
    let (subject, named) = (Subject::Group(name.to_owned()), name.to_owned());
    operator.change("group rm", subject, |_| Ok(vec![Edit::RemoveGroup(named)])).await?;
    Ok(gone)
}

pub(super) async fn assign(operator: &Operator, group: &str, cluster: &str) -> AdminResult<GroupView> {
    change_member(operator, "group assign", group, cluster, Edit::Assign).await
}

pub(super) async fn unassign(operator: &Operator, group: &str, cluster: &str) -> AdminResult<GroupView> {
    change_member(operator, "group unassign", group, cluster, Edit::Unassign).await
}

async fn change_member(
    operator: &Operator,
    action: &'static str,
    group: &str,
    cluster: &str,
    edit: fn(String, String) -> Edit,
) -> AdminResult<GroupView> {
    let (named, cluster) = (group.to_owned(), cluster.to_owned());
    let plan = move |catalog: &Catalog| {
        catalog.group(&named)?;
        catalog.cluster(&cluster)?;
        Ok(vec![edit(named, cluster)])
    };
    let catalog = operator.change(action, Subject::Group(group.to_owned()), plan).await?;
    Ok(view(&operator.context, &catalog, catalog.group(group)?))
}

/// All groups, without their capacity: watchers have that of the nodes.
pub(super) fn list(catalog: &Catalog) -> Vec<GroupView> {
    let mut list: Vec<_> = catalog.groups.values().map(|it| configured(catalog, it)).collect();
    list.sort_by(|a, b| a.name.cmp(&b.name));
    list
}

/// All groups with their capacity.
pub(super) fn list_with_capacity(context: &Context) -> Vec<GroupView> {
    let catalog = context.catalog();
    let capacities = Capacities::now(context);
    let with = |it: GroupView| {
        let capacity = capacities.of_clusters(&catalog, |cluster| it.clusters.contains(&cluster.name));
        GroupView { capacity, ..it }
    };
    list(&catalog).into_iter().map(with).collect()
}

pub(super) fn show(context: &Context, name: &str) -> AdminResult<GroupView> {
    let catalog = context.catalog();
    Ok(view(context, &catalog, catalog.group(name)?))
}

/// Sorted names of a group's clusters.
pub(super) fn clusters_of(catalog: &Catalog, group: &Group) -> Vec<String> {
    let clusters = group.clusters.iter().filter_map(|id| Some(catalog.clusters.get(id)?.name.clone()));
    let mut clusters: Vec<_> = clusters.collect();
    clusters.sort();
    clusters
}

fn view(context: &Context, catalog: &Catalog, group: &Group) -> GroupView {
    let capacity = Capacities::now(context).of_clusters(catalog, |it| group.clusters.contains(&it.id));
    GroupView { capacity, ..configured(catalog, group) }
}

fn configured(catalog: &Catalog, group: &Group) -> GroupView {
    let tenants = catalog.tenants.values().filter(|it| it.group == group.id);
    GroupView {
        name: group.name.clone(),
        description: group.description.clone(),
        clusters: clusters_of(catalog, group),
        tenants: tenants.map(|it| it.slug.to_string()).collect(),
        capacity: None,
    }
}
