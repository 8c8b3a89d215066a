//! One record: its model, primary key and fields. Errors name the field and the rule, but never the value,
//! which may be a secret.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::report::Broken;

/// A record of the dump.
#[derive(Debug)]
pub(super) struct Record {
    /// Name of the model in lower case, such as `rest.node`.
    pub(super) model: String,
    /// The primary key, text or a number, as text.
    pub(super) pk: String,
    fields: Map<String, Value>,
}

impl Record {
    /// Parses an entry of the dump.
    pub(super) fn parse(entry: Value) -> Result<Self, String> {
        let Value::Object(mut entry) = entry else { return Err("is not an object".to_owned()) };
        let Some(Value::String(model)) = entry.remove("model") else {
            return Err("has no model".to_owned());
        };
        let Some(pk) = entry.remove("pk").as_ref().and_then(key) else {
            return Err(format!("of {model} has no primary key"));
        };
        let Some(Value::Object(fields)) = entry.remove("fields") else {
            return Err(format!("of {model} has no fields"));
        };
        Ok(Self { model: model.to_lowercase(), pk, fields })
    }

    /// A required text; may be empty.
    pub(super) fn text(&self, field: &str) -> Result<String, String> {
        match self.value(field) {
            None => Err(format!("{field}: is missing")),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(_) => Err(format!("{field}: must be text")),
        }
    }

    /// An optional text; `None` if it is absent, null or empty.
    pub(super) fn optional_text(&self, field: &str) -> Result<Option<String>, String> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(_) => self.text(field).map(Some),
        }
    }

    /// An integer of 0 or more; `absent` if it is absent or null.
    pub(super) fn count<N: TryFrom<u64>>(&self, field: &str, absent: N) -> Result<N, String> {
        let Some(value) = self.value(field) else { return Ok(absent) };
        let number = value.as_u64().and_then(|number| N::try_from(number).ok());
        number.ok_or_else(|| format!("{field}: must be a whole number of 0 or more that is not too large"))
    }

    /// A number; `absent` if it is absent or null.
    pub(super) fn number(&self, field: &str, absent: f64) -> Result<f64, String> {
        let Some(value) = self.value(field) else { return Ok(absent) };
        value.as_f64().ok_or_else(|| format!("{field}: must be a number"))
    }

    /// A boolean, if present.
    pub(super) fn flag(&self, field: &str) -> Result<Option<bool>, String> {
        let Some(value) = self.value(field) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| format!("{field}: must be true or false"))
    }

    /// The primary key of another record.
    pub(super) fn reference(&self, field: &str) -> Result<String, String> {
        self.value(field).and_then(key).ok_or_else(|| format!("{field}: is missing"))
    }

    /// Marks the record as broken for this reason.
    pub(super) fn broken(&self, reason: String) -> Broken {
        Broken { model: self.model.clone(), pk: self.pk.clone(), name: self.name(), reason }
    }

    /// The name that people know it by, if a broken record still has one.
    fn name(&self) -> Option<String> {
        let known = ["name", "slug", "parameter", "room_name", "filename"];
        known.iter().find_map(|field| self.optional_text(field).ok().flatten())
    }

    fn value(&self, field: &str) -> Option<&Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }
}

fn key(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Objects converted from the records of a model, by primary key.
#[derive(Debug)]
pub(super) struct Found<T> {
    model: &'static str,
    objects: BTreeMap<String, T>,
}

impl<T> Found<T> {
    /// Objects of this model, with their primary keys.
    pub(super) fn new(model: &'static str, objects: Vec<(String, T)>) -> Self {
        Self { model, objects: objects.into_iter().collect() }
    }

    /// The object that this field of the record refers to.
    pub(super) fn of(&self, record: &Record, field: &str) -> Result<&T, String> {
        let pk = record.reference(field)?;
        self.objects.get(&pk).ok_or_else(|| self.lost(field, &pk))
    }

    /// The object that this field of the record refers to, for modification.
    pub(super) fn of_mut(&mut self, record: &Record, field: &str) -> Result<&mut T, String> {
        let pk = record.reference(field)?;
        self.with_key(field, &pk)
    }

    /// The object with this primary key, to which `field` refers.
    pub(super) fn with_key(&mut self, field: &str, pk: &str) -> Result<&mut T, String> {
        let lost = self.lost(field, pk);
        self.objects.get_mut(pk).ok_or(lost)
    }

    /// All objects.
    pub(super) fn into_values(self) -> Vec<T> {
        self.objects.into_values().collect()
    }

    fn lost(&self, field: &str, pk: &str) -> String {
        format!("{field}: {} {pk} is broken itself or not in the dump", self.model)
    }
}
