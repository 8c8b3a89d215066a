//! What was taken, what was skipped, and why.

use rpc::{Configuration, MeetingImport};
use serde::Serialize;

use super::dump::Dump;
use super::record::Record;

/// Why records of these models are skipped.
const REASONS: [(&str, &str); 11] = [
    ("rest.meeting", "running meetings come only with --with-meetings"),
    ("rest.metric", COUNTERS),
    ("rest.nodemeetinglist", POLLED),
    ("rest.record", RECORDINGS),
    ("rest.recordprofile", RECORDINGS),
    ("rest.recordset", RECORDINGS),
    ("rest.secretmeetinglist", POLLED),
    ("rest.secretmetricslist", COUNTERS),
    ("rest.secretrecordprofilerelation", RECORDINGS),
    ("rest.slide", "slides of B3LB 1 are not in its database: b3lb-cli asset set"),
    ("rest.stats", COUNTERS),
];
const COUNTERS: &str = "counters and statistics start from zero";
const POLLED: &str = "it is polled again from the nodes";
const RECORDINGS: &str = "recordings are not taken over";
const UNKNOWN: &str = "not a known model of B3LB 2 or 3";

/// What was taken, what was skipped, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// What was converted.
    pub(crate) taken: Vec<Taken>,
    /// What is skipped by design.
    pub(crate) left: Vec<Left>,
    /// Records that should be converted, but cannot be read.
    pub(crate) broken: Vec<Broken>,
    /// Notes for the operator about what was converted.
    pub(crate) notes: Vec<String>,
}

/// The number of converted objects of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Taken {
    /// The kind, such as `node`.
    pub(crate) kind: &'static str,
    /// The number of objects.
    pub(crate) count: u64,
}

/// Something that is skipped by design.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Left {
    /// A model such as `rest.metric`, or a field such as `rest.secret.description`.
    pub(crate) what: String,
    /// The number of records with it.
    pub(crate) records: usize,
    /// Why it is skipped.
    pub(crate) reason: String,
}

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Broken {
    /// The model, such as `rest.node`.
    pub(crate) model: String,
    /// Its primary key.
    pub(crate) pk: String,
    /// The name that people know it by, if there is one.
    pub(crate) name: Option<String>,
    /// What is wrong with it.
    pub(crate) reason: String,
}

impl Report {
    /// Converts each record, keeping its primary key. Records that cannot be converted are broken.
    pub(super) fn collect<'a, T>(
        &mut self,
        records: &'a [Record],
        mut make: impl FnMut(&'a Record) -> Result<T, String>,
    ) -> Vec<(String, T)> {
        let mut made = Vec::new();
        for record in records {
            match make(record) {
                Ok(object) => made.push((record.pk.clone(), object)),
                Err(reason) => self.broken.push(record.broken(reason)),
            }
        }
        made
    }

    /// Records that something is skipped, unless there is none of it.
    pub(super) fn leave(&mut self, what: &str, records: usize, reason: &str) {
        if records > 0 {
            self.left.push(Left { what: what.to_owned(), records, reason: reason.to_owned() });
        }
    }

    /// Records the models that were not taken.
    pub(super) fn leave_rest(&mut self, dump: &Dump) {
        for (model, records) in dump.rest() {
            let reason = REASONS.iter().find(|(known, _)| *known == model).map_or(UNKNOWN, |(_, why)| why);
            self.leave(model, records, reason);
        }
        self.left.sort_by(|one, other| one.what.cmp(&other.what));
    }

    /// Counts what was converted.
    pub(super) fn count(&mut self, configuration: &Configuration, meetings: &[MeetingImport]) {
        let Configuration { clusters, groups, nodes, tenants } = configuration;
        let counts = [
            ("cluster", clusters.len()),
            ("group", groups.len()),
            ("node", nodes.len()),
            ("tenant", tenants.len()),
            ("secret", tenants.iter().map(|it| it.secrets.len()).sum()),
            ("parameter", tenants.iter().map(|it| it.parameters.len()).sum()),
            ("asset", tenants.iter().map(|it| it.assets.len()).sum()),
            ("meeting", meetings.len()),
        ];
        self.taken = counts.map(|(kind, count)| Taken { kind, count: count as u64 }).to_vec();
    }
}
