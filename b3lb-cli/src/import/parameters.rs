//! Parameter rules of tenants.

use rpc::{ParamConfig, ParamMode, TenantConfig};

use super::dump::Dump;
use super::record::{Found, Record};
use super::report::Report;

/// Names that B3LB 3.3 applies to `join`, besides all that start with `userdata-`.
const ON_JOIN: [&str; 7] = [
    "enforceLayout",
    "errorRedirectUrl",
    "excludeFromDashboard",
    "firstName",
    "lastName",
    "role",
    "webcamBackgroundURL",
];
/// The name that B3LB 3.3 applies to both calls.
const ON_BOTH: &str = "logoutURL";

/// Adds the tenants' rules.
pub(super) fn add(dump: &mut Dump, tenants: &mut Found<TenantConfig>, report: &mut Report) {
    let records = dump.take("rest.parameter");
    report.collect(&records, |record| {
        let tenant = tenants.of_mut(record, "tenant")?;
        let rules = rules(record).map_err(|reason| format!("{reason} (rule of tenant {})", tenant.slug))?;
        tenant.parameters.extend(rules);
        Ok(())
    });
}

/// One rule for each call that the old rule applies to.
fn rules(record: &Record) -> Result<Vec<ParamConfig>, String> {
    let name = record.text("parameter")?;
    let mode = match record.text("mode")?.as_str() {
        "BLOCK" => ParamMode::Block,
        "SET" => ParamMode::Set,
        "OVERRIDE" => ParamMode::Override,
        _ => return Err("mode: must be BLOCK, SET or OVERRIDE".to_owned()),
    };
    let value = match mode {
        // The old form keeps the value when a rule is changed to a block.
        ParamMode::Block => None,
        ParamMode::Set | ParamMode::Override => record.optional_text("value")?,
    };
    let rule = |call: &&str| ParamConfig {
        call: (*call).to_owned(),
        name: name.clone(),
        mode,
        value: value.clone(),
    };
    Ok(calls(&name).iter().map(rule).collect())
}

/// The old database does not store which call a rule is for. The name determines it.
fn calls(name: &str) -> &'static [&'static str] {
    if name == ON_BOTH {
        &["create", "join"]
    } else if name.starts_with("userdata-") || ON_JOIN.contains(&name) {
        &["join"]
    } else {
        &["create"]
    }
}
