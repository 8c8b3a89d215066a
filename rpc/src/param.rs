//! A tenant's rules for parameters of `create` and `join`.

use serde::{Deserialize, Serialize};

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParamMode {
    /// The value stands if the client gives none.
    Set,
    /// The value always stands.
    Override,
    /// The client's parameter is removed.
    Block,
}

/// For which call a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParamOn {
    /// `create` only.
    Create,
    /// `join` only.
    Join,
    /// Both.
    Both,
}

/// A rule to be set; it replaces one of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamSpec {
    /// Slug of the tenant.
    pub tenant: String,
    /// Name of the parameter, case-sensitive.
    pub name: String,
    /// What the rule does.
    pub mode: ParamMode,
    /// The value, for `set` and `override`.
    pub value: Option<String>,
    /// For which call; where only one knows the name, that one is meant if absent.
    pub on: Option<ParamOn>,
}

/// A rule as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamView {
    /// Slug of the tenant.
    pub tenant: String,
    /// `create` or `join`.
    pub call: String,
    /// Name of the parameter.
    pub name: String,
    /// What the rule does.
    pub mode: ParamMode,
    /// The value, for `set` and `override`.
    pub value: Option<String>,
    /// What may go wrong with it on some of the tenant's nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}
