//! A plan under construction.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use rpc::{
    AdminError, AdminResult, ApplyOptions, ErrorCode, FieldChange, LeftOut, Plan, PlanAction, PlanStep,
};

use crate::admin::Context;
use crate::model::{Catalog, Node, Secret, TenantLabel};
use crate::store::Edit;

/// The state that a plan is based on.
pub(super) struct Facts<'a> {
    pub(super) context: &'a Context,
    pub(super) catalog: &'a Catalog,
    /// Nodes by `slug.domain`.
    pub(super) nodes: BTreeMap<String, &'a Arc<Node>>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(context: &'a Context, catalog: &'a Catalog) -> Self {
        let nodes = catalog.nodes.values().map(|it| (it.fqdn(), it)).collect();
        Self { context, catalog, nodes }
    }

    /// Refuses to remove secrets that have meetings.
    pub(super) fn check_is_unused<'s>(
        &self,
        what: &str,
        secrets: impl Iterator<Item = &'s Arc<Secret>>,
    ) -> AdminResult<()> {
        match self.context.core.pool.registry.of_secrets(secrets.map(|it| it.id)).len() {
            0 => Ok(()),
            n => {
                let message = format!("{what} is not removed: it has {n} meetings");
                Err(AdminError::new(ErrorCode::Conflict, message).hint("end them first"))
            }
        }
    }

    /// Refuses to remove a node that meetings are bound to.
    pub(super) fn check_is_free(&self, node: &Node) -> AdminResult<()> {
        match self.context.core.bound_to(node.id).len() {
            0 => Ok(()),
            n => {
                let message = format!("node {} is not removed: it has {n} meetings", node.fqdn());
                Err(AdminError::new(ErrorCode::Conflict, message).hint("drain it first"))
            }
        }
    }
}

/// The steps so far, and the objects that will exist after them.
pub(super) struct Draft {
    pub(super) options: ApplyOptions,
    pub(super) clusters: BTreeSet<String>,
    pub(super) groups: BTreeSet<String>,
    named: HashSet<(&'static str, String)>,
    plan: Plan,
    edits: Vec<Edit>,
    /// Run after all other steps: tenants are removed before their group, nodes before their cluster.
    removals: Vec<(PlanStep, Vec<Edit>)>,
}

impl Draft {
    pub(super) fn new(options: ApplyOptions) -> Self {
        Self {
            options,
            clusters: BTreeSet::new(),
            groups: BTreeSet::new(),
            named: HashSet::new(),
            plan: Plan::default(),
            edits: Vec::new(),
            removals: Vec::new(),
        }
    }

    /// Adds an entry of the file. An error from `take` rejects the whole file, or skips the entry if this is
    /// an import.
    pub(super) fn item(
        &mut self,
        (kind, name): (&'static str, &str),
        take: impl FnOnce(&mut Self) -> AdminResult<()>,
    ) -> AdminResult<()> {
        let result = if self.named.insert((kind, name.to_owned())) {
            take(self)
        } else {
            Err(AdminError::invalid(kind, "appears twice"))
        };
        match result {
            Err(error) if self.options.import => {
                self.leave_out(kind, name, error.message);
                Ok(())
            }
            Err(error) => {
                let message = format!("{kind} {name}: {}", error.message);
                Err(AdminError { message, ..error })
            }
            Ok(()) => Ok(()),
        }
    }

    /// Whether the file contains an object with this name.
    pub(super) fn names(&self, kind: &'static str, name: &str) -> bool {
        self.named.contains(&(kind, name.to_owned()))
    }

    pub(super) fn leave_out(&mut self, kind: &str, name: &str, reason: impl Into<String>) {
        let (kind, name) = (kind.to_owned(), name.to_owned());
        self.plan.left_out.push(LeftOut { kind, name, reason: reason.into() });
    }

    /// Adds a step that creates an object.
    pub(super) fn add(&mut self, kind: &str, name: &str, fields: Vec<FieldChange>, edits: Vec<Edit>) {
        self.plan.steps.push(step(PlanAction::Add, kind, name, fields));
        self.edits.extend(edits);
    }

    /// Adds a step that changes an existing object, if any field differs. An import leaves existing objects
    /// unchanged.
    pub(super) fn change(&mut self, kind: &str, name: &str, fields: Vec<FieldChange>, edits: Vec<Edit>) {
        if fields.is_empty() {
            return;
        }
        if self.options.import {
            return self.leave_out(kind, name, "exists already, and is left as it is");
        }
        self.plan.steps.push(step(PlanAction::Change, kind, name, fields));
        self.edits.extend(edits);
    }

    /// Whether a step creates this secret.
    pub(super) fn makes_secret(&self, label: &TenantLabel) -> bool {
        self.edits.iter().any(|it| matches!(it, Edit::AddSecret(row) if row.label == *label))
    }

    /// Removes a parameter rule that the file does not contain. Unlike other objects, rules always follow the
    /// file.
    pub(super) fn drop_rule(&mut self, name: &str, edit: Edit) {
        self.plan.steps.push(step(PlanAction::Remove, "parameter", name, Vec::new()));
        self.edits.push(edit);
    }

    /// Removes or keeps an object that only the daemon has.
    pub(super) fn surplus(&mut self, kind: &str, name: &str, edits: Vec<Edit>) {
        if self.options.prune {
            self.removals.push((step(PlanAction::Remove, kind, name, Vec::new()), edits));
        } else if !self.options.import {
            self.plan.kept.push(format!("{kind} {name}"));
        }
    }

    /// Returns steps and edits. Removals come last, in reverse order of their dependencies.
    pub(super) fn finish(mut self, revision: u64) -> (Plan, Vec<Edit>) {
        for (step, edits) in self.removals.into_iter().rev() {
            self.plan.steps.push(step);
            self.edits.extend(edits);
        }
        self.plan.revision = revision;
        (self.plan, self.edits)
    }
}

fn step(action: PlanAction, kind: &str, name: &str, fields: Vec<FieldChange>) -> PlanStep {
    PlanStep { action, kind: kind.to_owned(), name: name.to_owned(), fields }
}

/// A field of a new object.
pub(super) fn new_field(field: &str, value: &impl ToString) -> FieldChange {
    FieldChange { field: field.to_owned(), before: None, after: Some(value.to_string()) }
}

/// A field, if its value changes.
pub(super) fn changed<T: PartialEq + ToString>(field: &str, before: &T, after: &T) -> Option<FieldChange> {
    (before != after).then(|| FieldChange {
        field: field.to_owned(),
        before: Some(before.to_string()),
        after: Some(after.to_string()),
    })
}

/// A secret field, if its value changes.
pub(super) fn changed_secret<T: PartialEq>(
    field: &str,
    before: Option<&T>,
    after: Option<&T>,
) -> Option<FieldChange> {
    let hidden = |it: Option<&T>| it.map(|_| "***".to_owned());
    let change = FieldChange { field: field.to_owned(), before: hidden(before), after: hidden(after) };
    (after.is_some() && before != after).then_some(change)
}
