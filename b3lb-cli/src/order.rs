//! `--sort`: the order of rows in a list.

use std::cmp::Ordering;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde_json::Value;

/// The field to sort by, and whether the order is descending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    field: String,
    descending: bool,
}

/// Parses `FIELD` or `-FIELD` for one of these fields.
pub(crate) fn by(fields: &'static [&'static str]) -> impl TypedValueParser<Value = Order> {
    let upwards = fields.iter().map(|field| PossibleValue::new(*field));
    // Hidden, so that the help does not list every field twice.
    let downwards = fields.iter().map(|field| PossibleValue::new(format!("-{field}")).hide(true));
    PossibleValuesParser::new(upwards.chain(downwards)).map(|text| match text.strip_prefix('-') {
        Some(field) => Order { field: field.to_owned(), descending: true },
        None => Order { field: text, descending: false },
    })
}

impl Order {
    /// Sorts the rows. The sort is stable, and null values come last in either order.
    pub(crate) fn sort(&self, rows: &mut [Value]) {
        rows.sort_by(|a, b| {
            let (a, b) = (&a[&self.field], &b[&self.field]);
            match (a.is_null(), b.is_null()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) if self.descending => compare(b, a),
                (false, false) => compare(a, b),
            }
        });
    }
}

/// All values of a field have the same type. Lists are compared by length.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a.as_f64().unwrap_or(0.0).total_cmp(&b.as_f64().unwrap_or(0.0))
        }
        (Value::String(a), Value::String(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => a.len().cmp(&b.len()),
        _ => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sorted(field: &str, descending: bool) -> Vec<Value> {
        let mut rows = vec![
            json!({"slug": "b", "cpu": null, "load": 10}),
            json!({"slug": "C", "cpu": 5, "load": 9}),
            json!({"slug": "a", "cpu": 70, "load": 9}),
        ];
        Order { field: field.to_owned(), descending }.sort(&mut rows);
        rows.into_iter().map(|row| row["slug"].clone()).collect()
    }

    #[test]
    fn numbers_by_size_and_text_without_case() {
        assert_eq!(sorted("slug", false), ["a", "b", "C"]);
        assert_eq!(sorted("slug", true), ["C", "b", "a"]);
        assert_eq!(sorted("load", false), ["C", "a", "b"]);
        assert_eq!(sorted("load", true), ["b", "C", "a"]);
    }

    #[test]
    fn unknown_values_come_last() {
        assert_eq!(sorted("cpu", false), ["C", "a", "b"]);
        assert_eq!(sorted("cpu", true), ["a", "C", "b"]);
    }
}
