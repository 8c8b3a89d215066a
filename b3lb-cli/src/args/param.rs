//! `param`: what can be typed.

use clap::{Args, Subcommand, ValueEnum};
use rpc::ParamOn;

use crate::order::{self, Order};

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli param set SCHOOL muteOnStart true
  b3lb-cli param list SCHOOL";

/// Fields of a listed rule.
const FIELDS: &[&str] = &["tenant", "call", "name", "mode", "value"];

#[derive(Subcommand)]
pub(crate) enum ParamVerb {
    /// Give a parameter a value where the client gives none
    #[command(after_help = "\
Examples:
  b3lb-cli param set SCHOOL muteOnStart true
  b3lb-cli param set SCHOOL duration -- -1")]
    Set(Valued),
    /// Give a parameter a value, whatever the client gives
    #[command(after_help = "\
Examples:
  b3lb-cli param override SCHOOL maxParticipants 100
  b3lb-cli param override SCHOOL role VIEWER --on join")]
    Override(Valued),
    /// Remove a parameter that the client gives
    #[command(after_help = "\
Examples:
  b3lb-cli param block SCHOOL webcamsOnlyForModerator")]
    Block {
        #[command(flatten)]
        name: Named,
        #[command(flatten)]
        on: On,
    },
    /// Remove a rule: the parameter is passed on as it comes; asks first
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
        /// Order of the rows; -FIELD turns it round
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
    /// Its value
    #[arg(allow_negative_numbers = true)]
    pub(crate) value: String,
    #[command(flatten)]
    pub(crate) on: On,
}

#[derive(Args)]
pub(crate) struct On {
    /// For which call [default: the one that knows the name; needed if both do]
    #[arg(long, value_name = "CALL")]
    on: Option<Call>,
}

impl On {
    /// As the daemon wants it.
    pub(crate) fn wanted(&self) -> Option<ParamOn> {
        self.on.map(|call| match call {
            Call::Create => ParamOn::Create,
            Call::Join => ParamOn::Join,
            Call::Both => ParamOn::Both,
        })
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Call {
    Create,
    Join,
    Both,
}
