//! Prints answers to standard output: tables and lines for people, one JSON document for programs.

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use rpc_client::{Failure, clean};
use serde::Serialize;
use serde_json::Value;

use crate::args::Format;
use crate::order::Order;
use crate::table;
use crate::time;

/// Prints in the requested format.
pub(crate) struct Out {
    format: Format,
}

impl Out {
    /// A printer in this format.
    pub(crate) fn new(format: Format) -> Self {
        Self { format }
    }

    /// Whether JSON was requested.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Prints a list in its order: a table of these fields, or a JSON array of whole objects.
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
        rows.iter_mut().filter(|_| !self.is_json()).for_each(use_local_times);
        match self.format {
            Format::Json => document(&rows),
            Format::Name if rows.is_empty() => Ok(()),
            Format::Name => print(&rows.iter().map(name).collect::<Vec<_>>().join("\n")),
            Format::Table => print(&table::render(&rows, fields)),
            Format::Wide => print(&table::render_wide(&rows, fields)),
        }
    }

    /// Prints one object: a `field: value` line for each field, or JSON.
    pub(crate) fn show<T: Serialize>(&self, object: &T) -> Result<(), Failure> {
        if self.is_json() {
            return document(object);
        }
        print(&fields(object)?.join("\n"))
    }

    /// Prints lines for people, such as what was changed, or the object as JSON.
    pub(crate) fn changed<T: Serialize>(&self, object: &T, lines: &[String]) -> Result<(), Failure> {
        if self.is_json() {
            return document(object);
        }
        let lines: Vec<_> = lines.iter().map(|line| clean(line)).collect();
        print(&lines.join("\n"))
    }
}

/// The name by which other verbs find the object: `slug.domain` of a node, else its name, slug or id.
fn name(row: &Value) -> String {
    match (&row["slug"], &row["domain"]) {
        (Value::String(slug), Value::String(domain)) => clean(&format!("{slug}.{domain}")),
        _ => ["id", "name", "slug", "kind"]
            .iter()
            .map(|it| &row[*it])
            .find(|it| !it.is_null())
            .map_or_else(String::new, cell),
    }
}

/// Prints a note to standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", clean(text));
}

/// A `field: value` line for each field.
pub(crate) fn fields<T: Serialize>(object: &T) -> Result<Vec<String>, Failure> {
    let mut object = serde_json::to_value(object)?;
    use_local_times(&mut object);
    let Value::Object(fields) = object else { return Ok(Vec::new()) };
    Ok(fields.iter().map(|(field, value)| format!("{field}: {}", cell(value))).collect())
}

/// Converts times, which are in fields named `*_at` and `since`, to the local time zone.
fn use_local_times(object: &mut Value) {
    let Value::Object(fields) = object else { return };
    for (name, value) in fields {
        match value {
            Value::String(text) if name.ends_with("_at") || name == "since" => *text = time::local(text),
            Value::Object(_) => use_local_times(value),
            _ => {}
        }
    }
}

/// Prints one JSON document.
pub(crate) fn document<T: Serialize>(object: &T) -> Result<(), Failure> {
    print(&serde_json::to_string(object)?)
}

/// Prints text and a newline.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_while_read(text).map(|_| ())
}

/// Clears the screen for the next of several frames, if there is one.
pub(crate) fn begin_frame() -> Result<(), Failure> {
    let mut stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return Ok(());
    }
    let cleared = stdout.write_all(b"\x1b[H\x1b[2J");
    cleared.map_err(|error| Failure::io("write the output", error))
}

/// Set once the reader of standard output has closed the pipe.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether nobody reads standard output any more.
pub(crate) fn is_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

/// Prints text of an endless stream. Returns false once the reader has closed the pipe.
pub(crate) fn print_while_read(text: &str) -> Result<bool, Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(format!("{text}\n").as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        // A reader that stops early, like head, is not an error.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            CLOSED.store(true, Ordering::Relaxed);
            Ok(false)
        }
        Err(error) => Err(Failure::io("write the output", error)),
    }
}

/// Formats a value for people; `-` stands for null.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => clean(text),
        Value::Array(values) if values.is_empty() => "-".to_owned(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let known =
                fields.iter().map(|(name, value)| (name, cell(value))).filter(|(_, value)| value != "-");
            known.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
        }
        Value::Number(_) => value.to_string(),
    }
}
