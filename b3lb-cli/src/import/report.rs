//! What was taken, what was left, and why.

use rpc::{Configuration, MeetingImport};
use serde::Serialize;

use super::dump::Dump;
use super::record::Record;

/// Why records of these models are left.
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
const COUNTERS: &str = "counters and statistics begin anew";
const POLLED: &str = "the nodes are asked for it anew";
const RECORDINGS: &str = "recordings are not taken over";
const UNKNOWN: &str = "not a model of B3LB 2 or 3 that is known here";

/// What was taken, what was left, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// What arrives.
    pub(crate) taken: Vec<Taken>,
    /// What is not taken over by design.
    pub(crate) left: Vec<Left>,
    /// Records that should arrive, but cannot be read.
    pub(crate) broken: Vec<Broken>,
    /// What an operator should know of the things that arrive.
    pub(crate) notes: Vec<String>,
}

/// How many things of a kind arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Taken {
    /// Such as `node`.
    pub(crate) kind: &'static str,
    /// How many.
    pub(crate) count: u64,
}

/// Something that is not taken over by design.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Left {
    /// A model such as `rest.metric`, or a field such as `rest.secret.description`.
    pub(crate) what: String,
    /// In how many records.
    pub(crate) records: usize,
    /// Why.
    pub(crate) reason: String,
}

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Broken {
    /// Such as `rest.node`.
    pub(crate) model: String,
    /// Its primary key.
    pub(crate) pk: String,
    /// What people know it by, if that can be told.
    pub(crate) name: Option<String>,
    /// What is wrong with it.
    pub(crate) reason: String,
}

impl Report {
    /// Makes a thing of each record, with its primary key; records of which none can be made are broken.
    pub(super) fn collect<'a, T>(
        &mut self,
        records: &'a [Record],
        mut make: impl FnMut(&'a Record) -> Result<T, String>,
    ) -> Vec<(String, T)> {
        let mut made = Vec::new();
        for record in records {
            match make(record) {
                Ok(thing) => made.push((record.pk.clone(), thing)),
                Err(reason) => self.broken.push(record.broken(reason)),
            }
        }
        made
    }

    /// Notes that something is not taken over, unless there is none of it.
    pub(super) fn leave(&mut self, what: &str, records: usize, reason: &str) {
        if records > 0 {
            self.left.push(Left { what: what.to_owned(), records, reason: reason.to_owned() });
        }
    }

    /// Notes the models that nobody has taken.
    pub(super) fn leave_rest(&mut self, dump: &Dump) {
        for (model, records) in dump.rest() {
            let reason = REASONS.iter().find(|(known, _)| *known == model).map_or(UNKNOWN, |(_, why)| why);
            self.leave(model, records, reason);
        }
        self.left.sort_by(|one, other| one.what.cmp(&other.what));
    }

    /// Counts what arrives.
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
