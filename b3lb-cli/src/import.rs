//! Converts a dump of B3LB in Django (`dumpdata rest`) to our configuration; `scalelite` does it for Scalelite.
//!
//! `dump` splits the file into records and `record` reads their fields. `pool`, `tenants`, `parameters`,
//! `assets` and `meetings` convert them, and `report` lists what was taken, what was skipped, and why. Values
//! are passed on as they are, because only the daemon validates them. `outcome` prints everything, including
//! the daemon's answer.

mod assets;
mod dump;
mod meetings;
mod outcome;
mod parameters;
mod pool;
mod record;
mod report;
pub(crate) mod scalelite;
mod size;
mod tenants;
#[cfg(test)]
mod tests;

use rpc::{Configuration, MeetingImport};

use dump::Dump;
pub(crate) use outcome::Outcome;
use report::Report;
pub(crate) use size::leave_too_large;

/// What to import besides the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Import running meetings too.
    pub(crate) with_meetings: bool,
}

/// The result of converting a dump.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Import {
    /// The configuration in the dump.
    pub(crate) configuration: Configuration,
    /// Running meetings, if requested.
    pub(crate) meetings: Vec<MeetingImport>,
    /// What was taken, what was skipped, and why.
    pub(crate) report: Report,
}

/// Converts a dump of B3LB 2.x or 3.x. Broken records are listed in the report; all others are converted.
///
/// Returns an error if the text is not a dump at all.
pub(crate) fn convert(text: &str, options: Options) -> Result<Import, String> {
    let mut dump = Dump::parse(text)?;
    let mut report = Report::default();
    report.broken.append(&mut dump.malformed);

    let clusters = pool::clusters(&mut dump, &mut report);
    let groups = pool::groups(&mut dump, &clusters, &mut report);
    let nodes = pool::nodes(&mut dump, &clusters, &mut report);
    let mut tenants = tenants::tenants(&mut dump, &groups, &mut report);
    let secrets = tenants::secrets(&mut dump, &mut tenants, &mut report);
    parameters::add(&mut dump, &mut tenants, &mut report);
    assets::add(&mut dump, &mut tenants, &mut report);
    let meetings = if options.with_meetings {
        meetings::meetings(&mut dump, &secrets, &nodes, &mut report)
    } else {
        Vec::new()
    };
    report.leave_rest(&dump);

    let mut configuration = Configuration {
        clusters: clusters.into_values(),
        groups: groups.into_values(),
        nodes: nodes.into_values(),
        tenants: tenants.into_values(),
    };
    sort(&mut configuration);
    report.count(&configuration, &meetings);
    Ok(Import { configuration, meetings, report })
}

/// Sorts like our own exports, so that both can be compared.
fn sort(configuration: &mut Configuration) {
    configuration.clusters.sort_by(|one, other| one.name.cmp(&other.name));
    configuration.groups.sort_by(|one, other| one.name.cmp(&other.name));
    configuration.nodes.sort_by(|one, other| (&one.slug, &one.domain).cmp(&(&other.slug, &other.domain)));
    configuration.tenants.sort_by(|one, other| one.slug.cmp(&other.slug));
    for group in &mut configuration.groups {
        group.clusters.sort();
    }
    for tenant in &mut configuration.tenants {
        tenant.secrets.sort_by_key(|secret| secret.sub_id);
        tenant.parameters.sort_by(|one, other| (&one.call, &one.name).cmp(&(&other.call, &other.name)));
    }
}
