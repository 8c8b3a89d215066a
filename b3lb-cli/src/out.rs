//! Prints answers to standard output: tables and lines for people, one JSON document for programs.

use std::io::{ErrorKind, Write as _};

use serde::Serialize;
use serde_json::Value;

use crate::exit::Failure;
use crate::order::Order;
use crate::table;
use crate::text::clean;
use crate::time;

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

    /// A list in its order: a table of these fields, or a JSON array of whole objects.
    pub(crate) fn list<T: Serialize>(
        &self,
        rows: &[T],
        fields: &[&str],
        order: Option<&Order>,
    ) -> Result<(), Failure> {
        let mut rows = rows.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
        if let Some(order) = order {
            order.sort(&mut rows);
        }
        if self.json {
            return document(&rows);
        }
        rows.iter_mut().for_each(tell_local_times);
        print(&table::render(&rows, fields))
    }

    /// One thing: a `field: value` line for each field, or a JSON object.
    pub(crate) fn show<T: Serialize>(&self, thing: &T) -> Result<(), Failure> {
        if self.json {
            return document(thing);
        }
        print(&fields(thing)?.join("\n"))
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

/// Tells the operator something besides the answer, on standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", clean(text));
}

/// A `field: value` line for each field.
pub(crate) fn fields<T: Serialize>(thing: &T) -> Result<Vec<String>, Failure> {
    let mut thing = serde_json::to_value(thing)?;
    tell_local_times(&mut thing);
    let Value::Object(fields) = thing else { return Ok(Vec::new()) };
    Ok(fields.iter().map(|(field, value)| format!("{field}: {}", cell(value))).collect())
}

/// Times, which stand in fields named `*_at`, in the zone of whoever reads them.
fn tell_local_times(thing: &mut Value) {
    let Value::Object(fields) = thing else { return };
    for (name, value) in fields {
        if let Value::String(text) = value
            && name.ends_with("_at")
        {
            *text = time::local(text);
        }
    }
}

/// Prints one JSON document.
pub(crate) fn document<T: Serialize>(thing: &T) -> Result<(), Failure> {
    print(&serde_json::to_string(thing)?)
}

/// Prints text, and a newline after it.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_while_read(text).map(|_| ())
}

/// The same for what goes on without end; false once nobody reads it.
pub(crate) fn print_while_read(text: &str) -> Result<bool, Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(format!("{text}\n").as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        // A reader that has seen enough, like head, is no failure.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::io("write the output", error)),
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
