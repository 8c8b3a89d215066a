//! The dump file: a JSON list of records, grouped by model.

use std::collections::BTreeMap;

use serde_json::Value;

use super::record::Record;
use super::report::Broken;

/// The records of each model. All are kept until they are taken, because a record may precede those that it
/// refers to.
#[derive(Debug, Default)]
pub(super) struct Dump {
    models: BTreeMap<String, Vec<Record>>,
    /// List entries that are not records.
    pub(super) malformed: Vec<Broken>,
}

impl Dump {
    /// Parses the output of `manage.py dumpdata`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}');
        let entries = match serde_json::from_str(text) {
            Ok(Value::Array(entries)) => entries,
            Ok(_) => return Err("is not a list of records".to_owned()),
            Err(error) => return Err(format!("is not JSON: {error}")),
        };
        let mut dump = Self::default();
        for (index, entry) in entries.into_iter().enumerate() {
            match Record::parse(entry) {
                Ok(record) => dump.models.entry(record.model.clone()).or_default().push(record),
                Err(reason) => dump.malformed.push(Broken {
                    model: "record".to_owned(),
                    pk: format!("number {}", index + 1),
                    name: None,
                    reason,
                }),
            }
        }
        Ok(dump)
    }

    /// Removes and returns the records of a model.
    pub(super) fn take(&mut self, model: &str) -> Vec<Record> {
        self.models.remove(model).unwrap_or_default()
    }

    /// The records of a model that were not taken.
    pub(super) fn of(&self, model: &str) -> &[Record] {
        self.models.get(model).map(Vec::as_slice).unwrap_or_default()
    }

    /// Models that were not taken, with their number of records.
    pub(super) fn rest(&self) -> impl Iterator<Item = (&str, usize)> {
        self.models.iter().map(|(model, records)| (model.as_str(), records.len()))
    }
}
