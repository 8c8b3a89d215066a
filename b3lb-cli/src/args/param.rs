//! Arguments of `param`.

use clap::{Args, Subcommand};
use rpc::ParamOn;

use crate::order::{self, Order};

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli param set SCHOOL muteOnStart true
  b3lb-cli param list SCHOOL";

/// Fields of a rule in lists.
const FIELDS: &[&str] = &["tenant", "call", "name", "mode", "value"];

#[derive(Subcommand)]
pub(crate) enum ParamVerb {
    /// Set a parameter if the client does not send it
    #[command(after_help = "\
Examples:
  b3lb-cli param set SCHOOL muteOnStart true
  b3lb-cli param set SCHOOL duration -- -1")]
    Set(Valued),
    /// Set a parameter, whatever the client sends
    #[command(after_help = "\
Examples:
  b3lb-cli param override SCHOOL maxParticipants 100
  b3lb-cli param override SCHOOL role VIEWER --on join")]
    Override(Valued),
    /// Remove a parameter that the client sends
    #[command(after_help = "\
Examples:
  b3lb-cli param block SCHOOL webcamsOnlyForModerator")]
    Block {
        #[command(flatten)]
        name: Named,
        #[command(flatten)]
        on: On,
    },
    /// Remove a rule, so that the parameter is passed on unchanged; asks first
    #[command(after_help = "\
Examples:
  b3lb-cli param clear SCHOOL muteOnStart
  b3lb-cli param clear SCHOOL muteOnStart --yes")]
    Clear(Named),
    /// List a tenant's rules
    #[command(after_help = "\
Examples:
  b3lb-cli param list SCHOOL
  b3lb-cli param list SCHOOL --json")]
    List {
        /// Slug of the tenant
        tenant: String,
        /// Sort by this field; -FIELD reverses the order
        #[arg(long, value_name = "[-]FIELD", value_parser = order::by(FIELDS), allow_hyphen_values = true)]
        sort: Option<Order>,
    },
}

#[derive(Args)]
pub(crate) struct Named {
    /// Slug of the tenant
    pub(crate) tenant: String,
    /// Name of the parameter, case-sensitive
    pub(crate) name: String,
}

#[derive(Args)]
pub(crate) struct Valued {
    #[command(flatten)]
    pub(crate) name: Named,
    /// Value of the parameter
    #[arg(allow_negative_numbers = true)]
    pub(crate) value: String,
    #[command(flatten)]
    pub(crate) on: On,
}

#[derive(Args)]
pub(crate) struct On {
    /// Which call the rule applies to [default: the one that knows the name; required if both do]
    #[arg(long, value_name = "CALL")]
    pub(crate) on: Option<ParamOn>,
}
