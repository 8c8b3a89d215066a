//! Meetings without a binding: bound again by their marker, or reported to the operator.

use std::sync::Arc;

use super::found::instance_of;
use super::{BindingStore, Core, NodeCalls};
use crate::bbb::NodeMeeting;
use crate::model::{
    Binding, EventKind, Marker, MeetingKey, Node, NodeId, Phase, Secret, Severity, Step, Tenant,
};
use crate::state::{Observation, Owner};

/// A meeting that is running on a node and bound to nobody, with what its marker says.
#[derive(Debug)]
pub(super) struct Stray {
    node: NodeId,
    reported: Arc<NodeMeeting>,
    marker: Marker,
}

impl Stray {
    /// The meeting, if its marker is valid. Breakout rooms are part of their parent meeting.
    fn of(node: &Node, reported: &Arc<NodeMeeting>) -> Option<Self> {
        if reported.marker.is_empty() || reported.is_over || reported.parent.is_some() {
            return None;
        }
        let marker = Marker::read(&reported.marker, &reported.id, &node.secret)?;
        Some(Self { node: node.id, reported: Arc::clone(reported), marker })
    }
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// The meeting, if its marker is valid and says nothing of a binding that exists or has ended.
    pub(super) fn stray(&self, node: &Node, reported: &Arc<NodeMeeting>) -> Option<Stray> {
        Stray::of(node, reported).filter(|it| !self.is_settled(node.id, reported, &it.marker))
    }

    /// Whether the marker's binding exists, if only to end the meeting, or was removed after the poll.
    fn is_settled(&self, node: NodeId, reported: &NodeMeeting, marker: &Marker) -> bool {
        self.pool.registry.by_nonce(&marker.nonce).is_some()
            || self.pool.was_removed(node, &marker.nonce)
            || self.pool.has_ended(node, reported)
    }

    /// Binds a meeting to its owner again, unless the owner is gone or has the id elsewhere: then the operator is
    /// told, and the meeting is left alone.
    pub(super) async fn settle_stray(&self, stray: Stray) {
        let catalog = self.pool.catalog();
        let Some((tenant, secret)) = catalog.secret(&stray.marker.label) else {
            self.report_stray(&stray, "belongs to a secret that does not exist");
            return;
        };
        let key = MeetingKey { secret: secret.id, id: stray.reported.id.clone() };
        let Some(_turn) = self.pool.turns.try_take(key.clone()) else { return };
        let registry = &self.pool.registry;
        match registry.get(secret.id, &key.id) {
            // A create or a repeat is about to find it.
            Some(known) if known.node() == stray.node => return,
            Some(known) => {
                let other = self.node_name(known.node());
                self.report_stray(&stray, &format!("runs on {other}, too"));
                return;
            }
            None => {}
        }
        if self.is_settled(stray.node, &stray.reported, &stray.marker) {
            return;
        }
        if !self.is_free(secret.id, stray.node, &key.id) {
            self.report_stray(&stray, "has the id of another owner's meeting there");
            return;
        }
        self.bind_stray(&stray, tenant, secret, key).await;
    }

    async fn bind_stray(&self, stray: &Stray, tenant: &Tenant, secret: &Secret, key: MeetingKey) {
        let Stray { node, reported, marker } = stray;
        let binding = Binding {
            id: self.pool.next_binding(),
            key,
            node: *node,
            phase: Phase::Live,
            nonce: marker.nonce,
            next: None,
            name: reported.name.clone(),
            ended_url: marker.ended_url.clone(),
            analytics_url: marker.analytics_url.clone(),
            // The clock of the node may be ahead.
            created_at: reported.create_time.min(self.pool.clock.wall_ms()),
            instance: Some(instance_of(reported)),
            placed: None,
        };
        let (id, owner) = (binding.id, Owner { tenant: tenant.id, label: secret.label.clone() });
        match self.make(Step::insert(binding), &owner).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, meeting = %reported.id, "a meeting of ours could not be bound again");
                return;
            }
        }
        tracing::info!(
            secret = %secret.label, meeting = %reported.id, node = %self.node_name(*node), "meeting bound again"
        );
        let subject = format!("meeting {} of {}", reported.id, secret.label);
        let text = format!("found on {} and bound again", self.node_name(*node));
        self.record_event(EventKind::Meeting, Severity::Info, subject, text);
        if let Some(meeting) = self.pool.registry.meeting(id) {
            let observation = Observation { main: Arc::clone(reported), rooms: Vec::new(), polled: true };
            self.pool.registry.observe(&meeting, observation);
            self.pool.lists.changed(&meeting);
        }
    }

    fn report_stray(&self, stray: &Stray, why: &str) {
        let Stray { node, reported, marker } = stray;
        let is_new = self.pool.fleet.cell(*node).is_some_and(|it| it.note_stray(&reported.internal_id));
        if is_new {
            let subject = format!("meeting {} of {}", reported.id, marker.label);
            let node = self.node_name(*node);
            let text = format!("on {node}: {why}; it is left alone");
            tracing::warn!(meeting = %reported.id, node, why, "a meeting is bound to nobody");
            self.record_event(EventKind::Meeting, Severity::Warning, subject, text);
        }
    }
}
