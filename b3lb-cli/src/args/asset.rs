//! Arguments of `asset`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::order::{self, Order};

pub(crate) const EXAMPLES: &str = "\
Examples:
  b3lb-cli asset set SCHOOL --logo logo.png
  b3lb-cli asset list";

/// Fields of an asset in lists.
const FIELDS: &[&str] = &["tenant", "kind", "file_name", "size", "content_type", "inline", "problems"];

#[derive(Subcommand)]
pub(crate) enum AssetVerb {
    /// Store assets of a tenant, all or none
    #[command(after_help = "\
Examples:
  b3lb-cli asset set SCHOOL --slide welcome.pdf
  b3lb-cli asset set SCHOOL --logo logo.png --css school.css")]
    Set(AssetSet),
    /// Remove assets of a tenant; asks first
    #[command(after_help = "\
Examples:
  b3lb-cli asset rm SCHOOL --slide
  b3lb-cli asset rm SCHOOL --slide --logo --css --yes")]
    Rm(AssetRm),
    /// List stored assets and their problems
    #[command(after_help = "\
Examples:
  b3lb-cli asset list
  b3lb-cli asset list --tenant SCHOOL --json
  b3lb-cli asset list --sort -size")]
    List {
        /// Only this tenant's
        #[arg(long)]
        tenant: Option<String>,
        /// Sort by this field; -FIELD reverses the order
        #[arg(long, value_name = "[-]FIELD", value_parser = order::by(FIELDS), allow_hyphen_values = true)]
        sort: Option<Order>,
    },
}

#[derive(Args)]
pub(crate) struct AssetSet {
    /// Slug of the tenant
    pub(crate) tenant: String,
    #[command(flatten)]
    pub(crate) files: Files,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Files {
    /// Presentation that meetings start with; the file extension determines the type
    #[arg(long, value_name = "FILE")]
    pub(crate) slide: Option<PathBuf>,
    /// Picture in the client's corner
    #[arg(long, value_name = "FILE")]
    pub(crate) logo: Option<PathBuf>,
    /// Style sheet of the client
    #[arg(long, value_name = "FILE")]
    pub(crate) css: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct AssetRm {
    /// Slug of the tenant
    pub(crate) tenant: String,
    #[command(flatten)]
    pub(crate) kinds: Kinds,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Kinds {
    /// Remove the start slide
    #[arg(long)]
    pub(crate) slide: bool,
    /// Remove the logo
    #[arg(long)]
    pub(crate) logo: bool,
    /// Remove the style sheet
    #[arg(long)]
    pub(crate) css: bool,
}
