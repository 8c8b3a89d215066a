//! `events --audit`: who changed what from where, with old and new values

use rpc::{AuditEntry, AuditFilter};
use rpc_client::{Failure, clean};
use serde_json::{Map, Value};

use crate::app::App;
use crate::args::events::Events;
use crate::out::{cell, document, print};
use crate::time;

pub(super) async fn run(app: &App, events: Events) -> Result<(), Failure> {
    let since = events.since.map(|since| since.0.to_string());
    let filter = AuditFilter { since, subject: events.subject };
    let daemon = app.connect().await?;
    let mut entries =
        daemon.all(|client, deadline, page| client.audit_list(deadline, filter.clone(), page)).await?;
    // The newest comes last, as in all listings.
    entries.reverse();
    if app.out.is_json() {
        return document(&entries);
    }
    let lines: Vec<_> = entries.iter().flat_map(lines).collect();
    if lines.is_empty() { Ok(()) } else { print(&lines.join("\n")) }
}

/// A line for who did what and when, followed by a line for each field.
fn lines(entry: &AuditEntry) -> Vec<String> {
    let AuditEntry { at, who, from, action, subject, .. } = entry;
    let [at, who, from, action, subject] = [&time::stamp(at), who, from, action, subject].map(|it| clean(it));
    let mut lines = vec![format!("{at}  {who} from {from}: {action}, {subject}")];
    lines.extend(changes(&entry.before, &entry.after).into_iter().map(|change| format!("    {change}")));
    lines
}

/// Fields that were added, removed or changed.
fn changes(before: &Value, after: &Value) -> Vec<String> {
    let nothing = Map::new();
    let before = before.as_object().unwrap_or(&nothing);
    let after = after.as_object().unwrap_or(&nothing);
    let old = before.iter().map(|(field, was)| match after.get(field) {
        Some(is) => format!("~ {}: {} -> {}", clean(field), cell(was), cell(is)),
        None => format!("- {}: {}", clean(field), cell(was)),
    });
    let new = after.iter().filter(|(field, _)| !before.contains_key(*field));
    old.chain(new.map(|(field, is)| format!("+ {}: {}", clean(field), cell(is)))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn new_gone_and_changed_fields() {
        let (old, new) = (json!({"limit": 5, "group": "a"}), json!({"limit": 10, "text": "x\ny"}));
        assert_eq!(changes(&old, &new), ["~ limit: 5 -> 10", "- group: a", "+ text: x\\ny"]);
        assert_eq!(changes(&Value::Null, &json!({"limit": 5})), ["+ limit: 5"]);
        assert_eq!(changes(&json!({"limit": 5}), &Value::Null), ["- limit: 5"]);
    }
}
