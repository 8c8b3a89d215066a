//! The whole configuration as one value: written out, compared, applied.

mod draft;
mod export;
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

/// The configuration as it is.
pub(super) async fn export(operator: &Operator, options: ExportOptions) -> AdminResult<Configuration> {
    let config = export::export(&operator.context, options).await?;
    if options.secrets {
        operator.record("export with secrets", Subject::Configuration, json!({})).await?;
    }
    Ok(config)
}

/// What applying a configuration would do.
pub(super) fn plan(context: &Context, config: Configuration, options: ApplyOptions) -> AdminResult<Plan> {
    Ok(draft(context, &context.catalog(), config, options)?.0)
}

/// Applies a configuration; what was done.
pub(super) async fn apply(
    operator: &Operator,
    config: Configuration,
    options: ApplyOptions,
    revision: u64,
) -> AdminResult<Plan> {
    let (context, done) = (Arc::clone(&operator.context), Arc::new(std::sync::OnceLock::new()));
    let told = Arc::clone(&done);
    let planned = move |catalog: &Catalog| {
        if catalog.revision != revision {
            let message = "the configuration was changed by somebody else after the plan was made";
            return Err(
                AdminError::new(ErrorCode::Conflict, message).hint("look at the new plan and apply again")
            );
        }
        let (plan, edits) = draft(&context, catalog, config, options)?;
        let was = plan.steps.iter().map(|step| (in_words(step), fields(step, |it| &it.before))).collect();
        let is = plan.steps.iter().map(|step| (in_words(step), fields(step, |it| &it.after))).collect();
        let _ = told.set(plan);
        let difference = (Value::Object(was), Value::Object(is));
        Ok(Planned { edits, subject: Subject::Configuration, told: Some(difference) })
    };
    let action = if options.import { "config import" } else { "config apply" };
    operator.change_as_planned(action, planned).await?;
    Ok(done.get().cloned().unwrap_or_default())
}

/// `change tenant SCHOOL`.
fn in_words(step: &PlanStep) -> String {
    let action = match step.action {
        PlanAction::Add => "add",
        PlanAction::Change => "change",
        PlanAction::Remove => "remove",
    };
    format!("{action} {} {}", step.kind, step.name)
}

/// One side of a step's fields; null where the thing is not there.
fn fields(step: &PlanStep, side: impl Fn(&FieldChange) -> &Option<String>) -> Value {
    let fields = step.fields.iter().filter_map(|it| Some((it.field.clone(), json!(side(it).as_ref()?))));
    let fields: Map<String, Value> = fields.collect();
    if fields.is_empty() { Value::Null } else { Value::Object(fields) }
}

/// The way from one configuration to another.
fn draft(
    context: &Context,
    catalog: &Catalog,
    config: Configuration,
    options: ApplyOptions,
) -> AdminResult<(Plan, Vec<Edit>)> {
    let facts = Facts::new(context, catalog);
    let mut draft = Draft::new(options);
    let Configuration { clusters, groups, nodes, tenants } = config;
    infrastructure::clusters(&facts, &mut draft, clusters)?;
    infrastructure::groups(&facts, &mut draft, groups)?;
    infrastructure::nodes(&facts, &mut draft, nodes)?;
    tenants::tenants(&facts, &mut draft, tenants)?;
    Ok(draft.finish(catalog.revision))
}
