//! The reverse of the last operation, which is offered for a minute.

use rpc::DrainSpec;

use super::job::{Job, Operation};
use super::snapshot::{Node, Snapshot};
use crate::message::{Call, Millis};

/// How long the reverse is offered.
const OFFERED: Millis = 60_000;

/// The reverse of an operation.
#[derive(Clone, Debug)]
pub struct Undo {
    /// The operation to run.
    pub operation: Operation,
    /// Name and call of each target.
    pub calls: Vec<(String, Call)>,
    /// When it is no longer offered, on the dashboard's clock.
    pub until: Millis,
}

impl Undo {
    /// What would bring the targets of an operation back to where they are now; `None` if nothing can, or if the
    /// operation changes nothing.
    pub fn of(operation: Operation, targets: &[String], snapshot: &Snapshot, clock: Millis) -> Option<Self> {
        let nodes = targets.iter().filter_map(|it| snapshot.node(it));
        let (operation, calls): (_, Vec<_>) = match operation {
            Operation::MaintenanceOn | Operation::Drain => {
                let off = |node: &Node| Call::Maintenance { node: node.name.clone(), on: false };
                let changed = nodes.filter(|it| !it.maintenance());
                (Operation::MaintenanceOff, changed.map(|it| (it.name.clone(), off(it))).collect())
            }
            Operation::MaintenanceOff => {
                let changed = nodes.filter(|it| it.maintenance());
                (Operation::MaintenanceOn, changed.map(|it| (it.name.clone(), on(it, clock))).collect())
            }
            Operation::Check | Operation::EndMeeting => return None,
        };
        (!calls.is_empty()).then_some(Self { operation, calls, until: 0 })
    }

    /// Offers the reverse for the targets for which the operation went well.
    #[must_use]
    pub fn after(mut self, job: &Job, now: Millis) -> Option<Self> {
        let good =
            |name: &String| job.items.iter().any(|it| it.name == *name && matches!(it.outcome, Some(Ok(_))));
        self.calls.retain(|(name, _)| good(name));
        self.until = now + OFFERED;
        (!self.calls.is_empty()).then_some(self)
    }
}

/// Puts a node into maintenance, or drains it for the same reason and as long as before.
fn on(node: &Node, clock: Millis) -> Call {
    match (&node.drain, node.drain_times()) {
        (Some(drain), Some((_, end))) => {
            let left = end.map(|end| u64::try_from((end - clock) / 1000).unwrap_or(0));
            let spec = DrainSpec { reason: drain.reason.clone(), evacuate_after: left };
            Call::Drain(node.name.clone(), spec)
        }
        _ => Call::Maintenance { node: node.name.clone(), on: true },
    }
}
