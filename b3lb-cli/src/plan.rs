//! Prints a plan as a diff with totals.

use rpc::{FieldChange, Plan, PlanAction, PlanStep};
use rpc_client::clean;

use crate::paint::Paint;

/// One line for each step.
pub(crate) fn diff(plan: &Plan, paint: Paint) -> Vec<String> {
    plan.steps.iter().map(|step| line(step, paint)).collect()
}

fn line(step: &PlanStep, paint: Paint) -> String {
    let object = format!("{} {}", clean(&step.kind), clean(&step.name));
    match step.action {
        PlanAction::Add => paint.green(&format!("+ {object}{}", values(&step.fields))),
        PlanAction::Change => {
            let changes: Vec<_> = step.fields.iter().map(change).collect();
            paint.yellow(&format!("~ {object}: {}", changes.join(", ")))
        }
        PlanAction::Remove => paint.red(&format!("- {object}")),
    }
}

/// The fields of a new object, in parentheses.
fn values(fields: &[FieldChange]) -> String {
    let known = fields.iter().filter_map(|it| Some((&it.field, it.after.as_ref()?)));
    let values: Vec<_> =
        known.map(|(field, value)| format!("{} {}", clean(field), shown(Some(value)))).collect();
    if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) }
}

fn change(it: &FieldChange) -> String {
    format!("{} {} -> {}", clean(&it.field), shown(it.before.as_ref()), shown(it.after.as_ref()))
}

/// A value. Quoted if it is empty or contains spaces or commas.
fn shown(value: Option<&String>) -> String {
    match value {
        None => "none".to_owned(),
        Some(text) if text.is_empty() || text.contains([' ', ',', '"', '(', ')']) => {
            format!("\"{}\"", clean(text))
        }
        Some(text) => clean(text),
    }
}

/// The number of objects that the steps add, change and remove.
pub(crate) fn sums(plan: &Plan) -> String {
    let parts =
        [(PlanAction::Add, "to add"), (PlanAction::Change, "to change"), (PlanAction::Remove, "to remove")];
    let parts = parts.map(|(action, what)| {
        format!("{} {what}", plan.steps.iter().filter(|step| step.action == action).count())
    });
    parts.join(", ")
}

/// The number of removed objects of each kind, such as `1 node, 2 tenants`; `None` if noobject is removed.
pub(crate) fn removals(plan: &Plan) -> Option<String> {
    let mut counts: Vec<(&str, u64)> = Vec::new();
    for step in plan.steps.iter().filter(|step| step.action == PlanAction::Remove) {
        match counts.iter_mut().find(|(kind, _)| *kind == step.kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((&step.kind, 1)),
        }
    }
    let words: Vec<_> = counts.iter().map(|(kind, count)| crate::text::count(*count, &clean(kind))).collect();
    if words.is_empty() { None } else { Some(words.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(field: &str, before: Option<&str>, after: Option<&str>) -> FieldChange {
        let owned = |it: Option<&str>| it.map(str::to_owned);
        FieldChange { field: field.into(), before: owned(before), after: owned(after) }
    }

    fn step(action: PlanAction, kind: &str, name: &str, fields: Vec<FieldChange>) -> PlanStep {
        PlanStep { action, kind: kind.into(), name: name.into(), fields }
    }

    fn plan() -> Plan {
        let cluster = field("cluster", None, Some("main"));
        let changes = vec![
            field("meeting_limit", Some("5"), Some("10")),
            field("description", Some(""), Some("a, b\x1b")),
            field("secret", Some("***"), None),
        ];
        let steps = vec![
            step(PlanAction::Add, "node", "n1.example.org", vec![cluster]),
            step(PlanAction::Change, "tenant", "SCHOOL", changes),
            step(PlanAction::Remove, "tenant", "OLD", vec![]),
            step(PlanAction::Remove, "node", "n2", vec![]),
            step(PlanAction::Remove, "tenant", "OLDER", vec![]),
        ];
        Plan { steps, ..Plan::default() }
    }

    #[test]
    fn a_line_for_each_step() {
        assert_eq!(
            diff(&plan(), Paint::plain())[..3],
            [
                "+ node n1.example.org (cluster main)",
                "~ tenant SCHOOL: meeting_limit 5 -> 10, description \"\" -> \"a, b\\u{1b}\", secret *** -> none",
                "- tenant OLD",
            ]
        );
    }

    #[test]
    fn numbers_of_what_is_done() {
        assert_eq!(sums(&plan()), "1 to add, 1 to change, 3 to remove");
        assert_eq!(removals(&plan()).as_deref(), Some("2 tenants, 1 node"));
        assert_eq!(removals(&Plan::default()), None);
    }
}
