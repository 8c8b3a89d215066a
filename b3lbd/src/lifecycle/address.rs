//! Which id to use when asking a node about a meeting, so that the call reaches exactly this meeting.

use std::sync::Arc;

use super::{BindingStore, Core, NodeCalls};
use crate::bbb::{Params, flat_response};
use crate::model::{Node, may_be_internal_prefix};
use crate::state::{InternalIds, Meeting, Target};

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// The id by which to ask a node about a meeting or its breakout room: the full internal id if the node
    /// supports it. `None` if that is not known yet, and any other id could reach somebody else's meeting.
    pub fn address(&self, target: &Target) -> Option<Arc<str>> {
        let meeting = &target.meeting;
        let instance = meeting.instance();
        let by_internal_id = self.pool.fleet.internal_ids(meeting.node()) != InternalIds::Refused;
        match (&target.room, instance) {
            (Some(room), _) if by_internal_id => Some(room.internal_id.clone()),
            (Some(room), _) => Some(room.id.clone()),
            (None, Some(instance)) if by_internal_id => Some(instance.internal_id.clone()),
            (None, Some(instance)) => Some(instance.external_id.clone()),
            (None, None) => {
                Some(meeting.key().id.clone()).filter(|id| !by_internal_id || !may_be_internal_prefix(id))
            }
        }
    }

    /// The id by which to ask a meeting's node about the meeting itself.
    pub(super) fn address_of(&self, meeting: &Arc<Meeting>) -> Option<Arc<str>> {
        self.address(&Target { meeting: Arc::clone(meeting), room: None })
    }

    /// Finds out whether a node supports internal ids by asking for an existing meeting: by its internal id,
    /// and by its external id to make sure that it still exists.
    pub async fn find_out_internal_ids(&self, node: &Node, internal_id: &str, external_id: &str) {
        let shows_it = async |id: &str| {
            let mut params = Params::default();
            params.set("meetingID", id);
            let answer = self.nodes.call(node, "getMeetingInfo", &params, None).await.ok()?;
            let children = flat_response(&answer.body).ok()?;
            Some(children.iter().any(|(name, value)| name == "internalMeetingID" && value == internal_id))
        };
        let known = match shows_it(internal_id).await {
            Some(true) => true,
            Some(false) if shows_it(external_id).await == Some(true) => false,
            _ => return,
        };
        tracing::info!(node = %node.fqdn(), known, "determined whether the node supports internal meeting ids");
        if let Some(cell) = self.pool.fleet.cell(node.id) {
            cell.set_internal_ids(known);
        }
        if !self.pool.standing.is_replica()
            && let Err(error) = self.store.set_internal_ids(node.id, known).await
        {
            tracing::warn!(%error, node = %node.fqdn(), "support for internal meeting ids could not be stored");
        }
    }
}
