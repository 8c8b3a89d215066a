//! The whole configuration as one value: exported, compared, applied.

mod draft;
mod export;
mod guard;
mod infrastructure;
mod tenants;

use std::sync::Arc;

use rpc::{
    AdminError, AdminResult, ApplyOptions, Configuration, ErrorCode, ExportOptions, FieldChange, Plan,
    PlanAction, PlanStep,
};
use serde_json::{Map, Value, json};

use super::Context;
use super::operator::{Operator, Planned};
use crate::model::{Catalog, Subject};
use crate::store::Edit;
use draft::{Draft, Facts};

/// The current configuration.
pub(super) async fn export(operator: &Operator, options: ExportOptions) -> AdminResult<Configuration> {
    let config = export::export(&operator.context, options).await?;
    if options.secrets {
        operator.record("export with secrets", Subject::Configuration, json!({})).await?;
    }
    Ok(config)
}

/// The plan for applying a configuration.
pub(super) fn plan(context: &Context, config: Configuration, options: ApplyOptions) -> AdminResult<Plan> {
    Ok(draft(context, &context.catalog(), config, options)?.0)
}

/// Applies a configuration and returns what was done.
pub(super) async fn apply(
    operator: &Operator,
    config: Configuration,
    options: ApplyOptions,
    revision: u64,
) -> AdminResult<Plan> {
    let (context, done) = (Arc::clone(&operator.context), Arc::new(std::sync::OnceLock::new()));
    let result = Arc::clone(&done);
    let planned = move |catalog: &Catalog| {
        if catalog.revision != revision {
            let message = "the configuration was changed by somebody else after the plan was made";
            return Err(
                AdminError::new(ErrorCode::Conflict, message).hint("review the new plan and apply again")
            );
        }
        let (plan, edits) = draft(&context, catalog, config, options)?;
        if let Some(excess) = plan.excess.as_ref().filter(|it| options.prune_anyway != Some(it.removed)) {
            return Err(excess.refusal());
        }
        let was = plan.steps.iter().map(|step| (in_words(step), fields(step, |it| &it.before))).collect();
        let is = plan.steps.iter().map(|step| (in_words(step), fields(step, |it| &it.after))).collect();
        let _ = result.set(plan);
        let difference = (Value::Object(was), Value::Object(is));
        Ok(Planned { edits, subject: Subject::Configuration, values: Some(difference) })
    };
    let action = if options.import { "config import" } else { "config apply" };
    operator.change_as_planned(action, planned).await?;
    Ok(done.get().cloned().unwrap_or_default())
}

/// Describes a step, such as `change tenant SCHOOL`.
fn in_words(step: &PlanStep) -> String {
    let action = match step.action {
        PlanAction::Add => "add",
        PlanAction::Change => "change",
        PlanAction::Remove => "remove",
    };
    format!("{action} {} {}", step.kind, step.name)
}

/// One side of a step's fields; null if the object does not exist on that side.
fn fields(step: &PlanStep, side: impl Fn(&FieldChange) -> &Option<String>) -> Value {
    let fields = step.fields.iter().filter_map(|it| Some((it.field.clone(), json!(side(it).as_ref()?))));
    let fields: Map<String, Value> = fields.collect();
    if fields.is_empty() { Value::Null } else { Value::Object(fields) }
}

/// Computes the plan from the current configuration to another one.
fn draft(
    context: &Context,
    catalog: &Catalog,
    config: Configuration,
    options: ApplyOptions,
) -> AdminResult<(Plan, Vec<Edit>)> {
    let facts = Facts::new(context, catalog);
    let mut draft = Draft::new(options);
    let is_empty = config == Configuration::default();
    let Configuration { clusters, groups, nodes, tenants } = config;
    infrastructure::clusters(&facts, &mut draft, clusters)?;
    infrastructure::groups(&facts, &mut draft, groups)?;
    infrastructure::nodes(&facts, &mut draft, nodes)?;
    tenants::tenants(&facts, &mut draft, tenants)?;
    let (mut plan, edits) = draft.finish(catalog.revision);
    plan.excess = guard::excess(&plan, catalog, is_empty);
    Ok((plan, edits))
}
