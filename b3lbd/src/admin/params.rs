//! Parameter rules.

use std::sync::Arc;

use rpc::{AdminError, AdminResult, ErrorCode, ParamMode, ParamOn, ParamSpec, ParamView};

use super::Context;
use super::context::Lookup;
use crate::bbb::{Parameter, parameter};
use crate::model::{Rule, RuleMode};
use crate::store::ParameterRow;

/// Names that bind a call to its meeting, or that B3LB sets itself.
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

pub(super) async fn set(context: &Context, spec: ParamSpec) -> AdminResult<Vec<ParamView>> {
    let catalog = context.catalog();
    let tenant = catalog.tenant(&spec.tenant)?;
    check_name(&spec.name)?;
    let mode = match (spec.mode, spec.value) {
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
    let known = parameter(&spec.name);
    if let RuleMode::Set(value) | RuleMode::Override(value) = &mode {
        known
            .kind
            .check(value)
            .map_err(|rule| AdminError::invalid("value", &format!("{} {rule}", spec.name)))?;
    }
    let calls = calls(&spec.name, &known, spec.on)?;
    let (id, slug) = (tenant.id, tenant.slug.to_string());
    let row =
        |call: &'static str| ParameterRow { tenant: id, call, name: spec.name.clone(), mode: mode.clone() };
    let rows: Vec<_> = calls.into_iter().map(row).collect();
    let store = Arc::clone(&context.meetings.store);
    context.change(async move { store.set_parameters(rows).await }).await?;
    Ok(list(context, &slug)?.into_iter().filter(|it| it.name == spec.name).collect())
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
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > 100 || !name.bytes().all(plain) {
        return Err(AdminError::invalid("name", "1-100 letters, digits and - _ ."));
    }
    Ok(())
}

/// The calls that a rule is for: those that were named if BBB knows the name there; else `create`, or
/// `join` for what belongs there.
fn calls(name: &str, known: &Parameter, on: Option<ParamOn>) -> AdminResult<Vec<&'static str>> {
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
    let calls = [(wanted.0, "create"), (wanted.1, "join")];
    Ok(calls.into_iter().filter(|(wanted, _)| *wanted).map(|(_, call)| call).collect())
}

pub(super) async fn clear(context: &Context, tenant: &str, name: String) -> AdminResult<Vec<ParamView>> {
    let id = context.catalog().tenant(tenant)?.id;
    let store = Arc::clone(&context.meetings.store);
    context.change(async move { store.clear_parameter(id, name).await }).await?;
    list(context, tenant)
}

pub(super) fn list(context: &Context, tenant: &str) -> AdminResult<Vec<ParamView>> {
    let catalog = context.catalog();
    let tenant = catalog.tenant(tenant)?;
    let view = |call: &str, rule: &Rule| {
        let (mode, value) = match &rule.mode {
            RuleMode::Set(value) => (ParamMode::Set, Some(value.clone())),
            RuleMode::Override(value) => (ParamMode::Override, Some(value.clone())),
            RuleMode::Block => (ParamMode::Block, None),
        };
        ParamView {
            tenant: tenant.slug.to_string(),
            call: call.to_owned(),
            name: rule.name.clone(),
            mode,
            value,
        }
    };
    let create = tenant.create_rules.iter().map(|rule| view("create", rule));
    let join = tenant.join_rules.iter().map(|rule| view("join", rule));
    Ok(create.chain(join).collect())
}
