//! The subject of a change, and its description without secrets.

use std::fmt;

use serde_json::{Map, Value, json};

use super::{Catalog, Cluster, Group, Node, Rule, RuleMode, Secret, SubId, Tenant, TenantLabel, TenantSlug};

/// The object that a change is about, named as operators name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A cluster by name.
    Cluster(String),
    /// A cluster group by name.
    Group(String),
    /// A node by `slug.domain`.
    Node(String),
    /// A tenant, its rules and its assets.
    Tenant(TenantSlug),
    /// A tenant's secret.
    Secret(TenantLabel),
    /// A meeting of a secret, by its id.
    Meeting(TenantLabel, String),
    /// More than one object.
    Configuration,
    /// The daemon.
    Daemon,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster(name) => write!(f, "cluster {name}"),
            Self::Group(name) => write!(f, "group {name}"),
            Self::Node(name) => write!(f, "node {name}"),
            Self::Tenant(slug) => write!(f, "tenant {slug}"),
            Self::Secret(label) => write!(f, "secret {label}"),
            Self::Meeting(label, id) => write!(f, "meeting {id} of {label}"),
            Self::Configuration => f.write_str("configuration"),
            Self::Daemon => f.write_str("daemon"),
        }
    }
}

impl Subject {
    /// Whether a configuration contains the object.
    pub fn exists(&self, catalog: &Catalog) -> bool {
        !self.describe(catalog).is_null()
    }

    /// Whether the object is the same in two configurations, including keys.
    pub fn is_same(&self, one: &Catalog, other: &Catalog) -> bool {
        match self {
            Self::Cluster(name) => one.cluster_named(name) == other.cluster_named(name),
            Self::Group(name) => one.group_named(name) == other.group_named(name),
            Self::Node(name) => one.node_of(name) == other.node_of(name),
            Self::Tenant(slug) => one.tenants.get(slug) == other.tenants.get(slug),
            Self::Secret(label) => secret(one, label) == secret(other, label),
            Self::Configuration => one.revision == other.revision,
            Self::Meeting(..) | Self::Daemon => true,
        }
    }

    /// Describes the object field by field, without keys; null if the configuration does not contain it.
    pub fn describe(&self, catalog: &Catalog) -> Value {
        match self {
            Self::Cluster(name) => catalog.cluster_named(name).map_or(Value::Null, |it| cluster(it)),
            Self::Group(name) => catalog.group_named(name).map_or(Value::Null, |it| group(catalog, it)),
            Self::Node(name) => catalog.node_of(name).map_or(Value::Null, |it| node(it)),
            Self::Tenant(slug) => catalog.tenants.get(slug).map_or(Value::Null, |it| tenant(catalog, it)),
            Self::Secret(label) => secret(catalog, label).map_or(Value::Null, limits_and_keys),
            Self::Meeting(..) | Self::Configuration | Self::Daemon => Value::Null,
        }
    }
}

fn secret<'a>(catalog: &'a Catalog, label: &TenantLabel) -> Option<&'a Secret> {
    catalog.secret(label).map(|(_, secret)| secret.as_ref())
}

fn cluster(it: &Cluster) -> Value {
    json!({
        "attendee_factor": it.factors.attendee,
        "meeting_factor": it.factors.meeting,
        "cpu_order": it.factors.cpu_order,
        "cpu_max": it.factors.cpu_max,
        "checksum": it.algorithm.as_str(),
        "target_cpu": it.target_cpu,
    })
}

fn group(catalog: &Catalog, it: &Group) -> Value {
    let clusters = it.clusters.iter().filter_map(|id| catalog.clusters.get(id));
    let clusters: Vec<_> = clusters.map(|it| it.name.as_str()).collect();
    json!({ "description": it.description, "clusters": clusters })
}

fn node(it: &Node) -> Value {
    let mut fields = json!({ "cluster": it.cluster.name, "maintenance": it.maintenance });
    if let Some(drain) = &it.drain {
        fields["drain"] = json!(if drain.reason.is_empty() { "yes" } else { &drain.reason });
        if let Some(end) = drain.evacuate_at {
            fields["evacuate_after"] = json!(format!("{} s", (end - drain.since) / 1000));
        }
    }
    fields
}

fn limits_and_keys(it: &Secret) -> Value {
    json!({
        "attendee_limit": it.attendee_limit,
        "meeting_limit": it.meeting_limit,
        "second_key": it.second_key.is_some(),
    })
}

fn tenant(catalog: &Catalog, it: &Tenant) -> Value {
    let mut fields = Map::new();
    fields.insert("group".to_owned(), json!(catalog.groups.get(&it.group).map(|group| &group.name)));
    fields.insert("description".to_owned(), json!(it.description));
    fields.insert("attendee_limit".to_owned(), json!(it.attendee_limit));
    fields.insert("meeting_limit".to_owned(), json!(it.meeting_limit));
    for secret in it.secrets.values().filter(|it| it.label.sub_id != SubId::ZERO) {
        fields.insert(format!("secret {}", secret.label.sub_id.get()), limits_and_keys(secret));
    }
    for (call, rules) in [("create", &it.create_rules), ("join", &it.join_rules)] {
        for rule in rules {
            fields.insert(format!("{call} {}", rule.name), Value::String(rule.in_words()));
        }
    }
    for (kind, meta) in &it.assets {
        // Without the checksum, a different file with the same name and size would look unchanged.
        let checksum: String = meta.digest.chars().take(12).collect();
        let text = format!("{} ({} bytes, SHA-256 {checksum}...)", meta.file_name, meta.size);
        fields.insert(kind.as_str().to_owned(), Value::String(text));
    }
    Value::Object(fields)
}

impl Rule {
    /// Describes the rule: `set VALUE`, `override VALUE` or `block`.
    pub fn in_words(&self) -> String {
        match &self.mode {
            RuleMode::Set(value) => format!("set {value}"),
            RuleMode::Override(value) => format!("override {value}"),
            RuleMode::Block => "block".to_owned(),
        }
    }
}

/// The fields in which two descriptions differ. An object that was added or removed is returned in full.
pub fn difference(before: &Value, after: &Value) -> (Value, Value) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        return (before.clone(), after.clone());
    };
    let differing = |one: &Map<String, Value>, other: &Map<String, Value>| {
        let fields = one.iter().filter(|(field, value)| other.get(*field) != Some(*value));
        Value::Object(fields.map(|(field, value)| (field.clone(), value.clone())).collect())
    };
    (differing(old, new), differing(new, old))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({ "group": "g", "meeting_limit": 5, "logo": "a.png" });
        let after = json!({ "group": "g", "meeting_limit": 10, "css": "b.css" });
        let (old, new) = difference(&before, &after);
        assert_eq!(old, json!({ "meeting_limit": 5, "logo": "a.png" }));
        assert_eq!(new, json!({ "meeting_limit": 10, "css": "b.css" }));
        assert_eq!(difference(&Value::Null, &after), (Value::Null, after.clone()));
        assert_eq!(difference(&after, &after), (json!({}), json!({})));
    }
}
