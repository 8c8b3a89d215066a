//! Parameter rules.

use rpc::{AdminError, AdminResult, ErrorCode, ParamMode, ParamOn, ParamSpec, ParamView};

use super::Context;
use super::context::Lookup;
use super::operator::Operator;
use crate::bbb::{Parameter, is_element_name, is_foreign_layout, parameter, user_data_name};
use crate::model::{Catalog, Rule, RuleMode, Subject, Tenant};
use crate::store::{Edit, RuleCall};

/// Parameters that bind a call to its meeting, or that B3LB itself sets.
const BINDING: [&str; 16] = [
    "meetingID",
    "checksum",
    "meetingEndedURL",
    "isBreakout",
    "parentMeetingID",
    "sequence",
    "attendeePW",
    "moderatorPW",
    "password",
    "fullName",
    "createTime",
    "voiceBridge",
    "dialNumber",
    "record",
    "autoStartRecording",
    "allowStartStopRecording",
];

/// Validates a parameter rule.
pub(super) fn rule(name: &str, mode: ParamMode, value: Option<String>) -> AdminResult<Rule> {
    check_name(name)?;
    let mode = match (mode, value) {
        (ParamMode::Block, None) => RuleMode::Block,
        (ParamMode::Block, Some(_)) => {
            return Err(AdminError::invalid("value", "a blocked parameter has none"));
        }
        (_, None) => return Err(AdminError::invalid("value", "is needed")),
        (_, Some(value)) if has_bad_text(&value) => {
            return Err(AdminError::invalid(
                "value",
                "at most 10000 characters, no control characters but tab and line breaks",
            ));
        }
        (ParamMode::Set, Some(value)) => RuleMode::Set(value),
        (ParamMode::Override, Some(value)) => RuleMode::Override(value),
    };
    if let RuleMode::Set(value) | RuleMode::Override(value) = &mode {
        parameter(name)
            .kind
            .check(value)
            .map_err(|rule| AdminError::invalid("value", &format!("{name} {rule}")))?;
    }
    Ok(Rule { name: name.to_owned(), mode })
}

/// Validates a parameter rule for one call, which must support the parameter.
pub(super) fn rule_for(
    call: RuleCall,
    name: &str,
    mode: ParamMode,
    value: Option<String>,
) -> AdminResult<Rule> {
    let rule = rule(name, mode, value)?;
    let on = match call {
        RuleCall::Create => ParamOn::Create,
        RuleCall::Join => ParamOn::Join,
    };
    calls(name, &parameter(name), Some(on))?;
    Ok(rule)
}

/// Converts a rule to its rpc type.
pub(super) fn in_words(rule: &Rule) -> (ParamMode, Option<String>) {
    match &rule.mode {
        RuleMode::Set(value) => (ParamMode::Set, Some(value.clone())),
        RuleMode::Override(value) => (ParamMode::Override, Some(value.clone())),
        RuleMode::Block => (ParamMode::Block, None),
    }
}

pub(super) async fn set(operator: &Operator, spec: ParamSpec) -> AdminResult<Vec<ParamView>> {
    let slug = operator.context.catalog().tenant(&spec.tenant)?.slug.clone();
    let rule = rule(&spec.name, spec.mode, spec.value)?;
    let calls = calls(&spec.name, &parameter(&spec.name), spec.on)?;
    let subject = Subject::Tenant(slug.clone());
    let tenant = slug.clone();
    let plan = move |_: &Catalog| {
        Ok(calls.into_iter().map(|call| Edit::SetRule(tenant.clone(), call, rule.clone())).collect())
    };
    operator.change("param set", subject, plan).await?;
    let rules = list(&operator.context, slug.as_str())?;
    Ok(rules.into_iter().filter(|it| it.name == spec.name).collect())
}

fn has_bad_text(value: &str) -> bool {
    value.chars().count() > 10_000
        || value.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n'))
}

fn check_name(name: &str) -> AdminResult<()> {
    if BINDING.iter().any(|it| it.eq_ignore_ascii_case(name)) {
        let message = format!("name: {name} binds a call to its meeting or is set by B3LB itself");
        return Err(AdminError::new(ErrorCode::Refused, message));
    }
    if user_data_name(name).is_some_and(|rest| !is_element_name(rest)) {
        let rule = "after userdata- there must be a name that XML allows for an element: a letter or _ first";
        return Err(AdminError::invalid("name", rule));
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > 100 || !name.bytes().all(plain) {
        return Err(AdminError::invalid("name", "1-100 letters, digits and - _ ."));
    }
    Ok(())
}

/// The calls that a rule applies to: the requested ones if BBB supports the parameter there; by default
/// `create`, or `join` for parameters that only `join` supports.
fn calls(name: &str, known: &Parameter, on: Option<ParamOn>) -> AdminResult<Vec<RuleCall>> {
    let wanted = match on {
        Some(ParamOn::Both) => (true, true),
        Some(ParamOn::Join) => (false, true),
        None if name.starts_with("userdata-") || !known.on_create => (false, true),
        Some(ParamOn::Create) | None => (true, false),
    };
    if (wanted.0 && !known.on_create) || (wanted.1 && !known.on_join) {
        let only = if known.on_create { "create" } else { "join" };
        return Err(AdminError::invalid("on", &format!("BBB knows {name} for {only} only")));
    }
    let calls = [(wanted.0, RuleCall::Create), (wanted.1, RuleCall::Join)];
    Ok(calls.into_iter().filter(|(wanted, _)| *wanted).map(|(_, call)| call).collect())
}

pub(super) async fn clear(operator: &Operator, tenant: &str, name: String) -> AdminResult<Vec<ParamView>> {
    let slug = operator.context.catalog().tenant(tenant)?.slug.clone();
    let owner = slug.clone();
    let plan = move |catalog: &Catalog| {
        let found = catalog.tenant(owner.as_str())?;
        let rules = [(RuleCall::Create, &found.create_rules), (RuleCall::Join, &found.join_rules)];
        let has = |rules: &[Rule]| rules.iter().any(|it| it.name == name);
        let calls = rules.into_iter().filter(|(_, rules)| has(rules));
        let edits: Vec<_> =
            calls.map(|(call, _)| Edit::ClearRule(owner.clone(), call, name.clone())).collect();
        if edits.is_empty() {
            return Err(AdminError::not_found("parameter rule", &name));
        }
        Ok(edits)
    };
    operator.change("param clear", Subject::Tenant(slug), plan).await?;
    list(&operator.context, tenant)
}

/// Warns about nodes of a tenant that do not support the layout in a rule.
fn warning(context: &Context, catalog: &Catalog, tenant: &Tenant, rule: &Rule) -> Option<String> {
    let (RuleMode::Set(value) | RuleMode::Override(value)) = &rule.mode else { return None };
    let fleet = &context.core.pool.fleet;
    let versions = catalog
        .nodes_of(tenant.group)
        .filter_map(|node| Some((node, fleet.cell(node.id)?.version()?)))
        .filter(|(_, version)| is_foreign_layout(&rule.name, value, version));
    let foreign: Vec<_> =
        versions.map(|(node, version)| format!("{} (BBB {version})", node.fqdn())).collect();
    let first = foreign.first()?;
    let more = if foreign.len() > 1 { format!(" and {} more", foreign.len() - 1) } else { String::new() };
    Some(format!("{first}{more} does not support {value}: creates and joins there may be refused"))
}

pub(super) fn list(context: &Context, tenant: &str) -> AdminResult<Vec<ParamView>> {
    let catalog = context.catalog();
    let tenant = catalog.tenant(tenant)?;
    let view = |call: RuleCall, rule: &Rule| {
        let (mode, value) = in_words(rule);
        ParamView {
            tenant: tenant.slug.to_string(),
            call: call.as_str().to_owned(),
            name: rule.name.clone(),
            mode,
            value,
            warning: warning(context, &catalog, tenant, rule),
        }
    };
    let create = tenant.create_rules.iter().map(|rule| view(RuleCall::Create, rule));
    let join = tenant.join_rules.iter().map(|rule| view(RuleCall::Join, rule));
    Ok(create.chain(join).collect())
}
