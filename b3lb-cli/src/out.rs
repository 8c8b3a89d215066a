//! Prints answers to standard output: tables and lines for people, one JSON document for programs.

use std::io::{ErrorKind, Write as _};

use serde::Serialize;
use serde_json::Value;

use crate::exit::{Exit, Failure};
use crate::table;
use crate::text::clean;

/// Prints in the format that was asked for.
pub(crate) struct Out {
    json: bool,
}

impl Out {
    /// A printer of JSON or of text.
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// JSON was asked for.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// A list: a table of these fields, or a JSON array of whole objects.
    pub(crate) fn list<T: Serialize>(&self, rows: &[T], fields: &[&str]) -> Result<(), Failure> {
        if self.json {
            return document(&rows);
        }
        let rows = rows.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
        print(&table::render(&rows, fields))
    }

    /// One thing: a `field: value` line for each field, or a JSON object.
    pub(crate) fn show<T: Serialize>(&self, thing: &T) -> Result<(), Failure> {
        if self.json {
            return document(thing);
        }
        let Value::Object(fields) = serde_json::to_value(thing)? else { return Ok(()) };
        let lines: Vec<_> = fields.iter().map(|(field, value)| format!("{field}: {}", cell(value))).collect();
        print(&lines.join("\n"))
    }

    /// A change: lines that name what changed, or the changed thing as JSON.
    pub(crate) fn changed<T: Serialize>(&self, thing: &T, lines: &[String]) -> Result<(), Failure> {
        if self.json {
            return document(thing);
        }
        let lines: Vec<_> = lines.iter().map(|line| clean(line)).collect();
        print(&lines.join("\n"))
    }
}

/// Prints one JSON document.
pub(crate) fn document<T: Serialize>(thing: &T) -> Result<(), Failure> {
    print(&serde_json::to_string(thing)?)
}

/// Prints text, and a newline after it.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(format!("{text}\n").as_bytes()).and_then(|()| stdout.flush()) {
        // A reader that has seen enough, like head, is no failure.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Failed, "failed", format!("cannot write the output: {error}")))
        }
        _ => Ok(()),
    }
}

/// A value as people read it; `-` where there is none.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => clean(text),
        Value::Array(values) if values.is_empty() => "-".to_owned(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
