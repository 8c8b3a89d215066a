//! A tenant's rules for parameters of `create` and `join`.

use serde::{Deserialize, Serialize};

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParamMode {
    /// Sets the value if the client sends none.
    Set,
    /// Sets the value, whatever the client sends.
    Override,
    /// Removes the client's parameter.
    Block,
}

/// Which calls a rule applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum ParamOn {
    /// `create` only.
    Create,
    /// `join` only.
    Join,
    /// Both.
    Both,
}

/// A rule to be set; it replaces a rule of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamSpec {
    /// Slug of the tenant.
    pub tenant: String,
    /// Name of the parameter, case-sensitive.
    pub name: String,
    /// What the rule does with the parameter.
    pub mode: ParamMode,
    /// The value, for `set` and `override`.
    pub value: Option<String>,
    /// Which calls it applies to. May be absent if BBB knows the name in only one call.
    pub on: Option<ParamOn>,
}

/// A parameter rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamView {
    /// Slug of the tenant.
    pub tenant: String,
    /// `create` or `join`.
    pub call: String,
    /// Name of the parameter.
    pub name: String,
    /// What the rule does with the parameter.
    pub mode: ParamMode,
    /// The value, for `set` and `override`.
    pub value: Option<String>,
    /// A warning if some of the tenant's nodes may not support the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}
