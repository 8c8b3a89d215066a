//! Removals that may well be a mistake: of an empty file, or of more than a tenth of the nodes, tenants or secrets.

use rpc::{Excess, Plan, PlanAction, PlanStep};

use crate::model::Catalog;

/// What a plan removes in excess. Rules of tenants do not count, because they always follow the file.
pub(super) fn excess(plan: &Plan, catalog: &Catalog, file_is_empty: bool) -> Option<Excess> {
    let is_removal = |it: &&PlanStep| it.action == PlanAction::Remove && it.kind != "parameter";
    let removed: Vec<_> = plan.steps.iter().filter(is_removal).collect();
    if removed.is_empty() {
        return None;
    }
    let of_kind = |kind: &str| removed.iter().filter(|it| it.kind == kind).count();
    let secrets_of = |it: &&&PlanStep| {
        let tenant = it.name.parse().ok().and_then(|slug| catalog.tenants.get(&slug));
        tenant.map_or(0, |it| it.secrets.len())
    };
    // A tenant's secrets go with it.
    let with_tenants: usize = removed.iter().filter(|it| it.kind == "tenant").map(|it| secrets_of(&it)).sum();
    let counts = [
        ("nodes", of_kind("node"), catalog.nodes.len()),
        ("tenants", of_kind("tenant"), catalog.tenants.len()),
        (
            "secrets",
            of_kind("secret") + with_tenants,
            catalog.tenants.values().map(|it| it.secrets.len()).sum(),
        ),
    ];
    let too_many = counts.iter().filter(|(_, removed, all)| removed * 10 > *all);
    let words: Vec<_> = too_many.map(|(kind, removed, all)| format!("{removed} of {all} {kind}")).collect();
    let text = match (words.is_empty(), file_is_empty) {
        (true, false) => return None,
        (true, true) => "everything, because the file is empty".to_owned(),
        (false, _) => words.join(", "),
    };
    Some(Excess { removed: removed.len() as u64, text })
}
