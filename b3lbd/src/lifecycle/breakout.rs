//! Breakout rooms that clients create with `create`.
//!
//! BBB uses the `meetingID` of such a call as the internal id, and overwrites an existing meeting with it.
//! Source: `ParamsProcessorUtil.processCreateParams` and `MeetingService.createMeeting` in bbb-common-web.

use std::sync::Arc;

use super::create::CreateRequest;
use super::{BindingStore, Core, NodeCalls};
use crate::bbb::{Failure, wants_breakout};
use crate::model::{NodeId, may_be_internal_prefix};

/// The parent of a breakout room.
#[derive(Clone, Debug)]
pub(super) struct Parent {
    /// The node of the parent. The room must be on the same node.
    pub(super) node: NodeId,
    /// The id by which to ask the node about the parent.
    pub(super) internal_id: Arc<str>,
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// The parent of the breakout room that a `create` requests, if any. It must belong to the same secret,
    /// and the room's id must not collide with other internal ids.
    pub(super) fn parent(&self, request: &CreateRequest) -> Result<Option<Parent>, Failure> {
        if !wants_breakout(&request.params) {
            return Ok(None);
        }
        let id = request.params.get("parentMeetingID").unwrap_or_default().trim();
        let target = self.pool.registry.find(request.secret.id, id).ok_or(Failure::FOREIGN_PARENT)?;
        let instance = target.meeting.instance().ok_or(Failure::FOREIGN_PARENT)?;
        let internal_id = target
            .room
            .as_ref()
            .map_or_else(|| instance.internal_id.clone(), |room| room.internal_id.clone());
        let node = target.meeting.node();
        if looks_internal(&request.id) || self.collides(request, node) {
            return Err(Failure::ROOM_ID);
        }
        Ok(Some(Parent { node, internal_id }))
    }

    /// Whether the id is a prefix of a foreign internal id on the node, or vice versa.
    fn collides(&self, request: &CreateRequest, node: NodeId) -> bool {
        let id = &*request.id;
        let bound = self.pool.registry.on_node(node);
        let others = bound.iter().filter(|it| it.key().secret != request.secret.id);
        others
            .filter_map(|it| it.instance())
            .any(|it| it.internal_id.starts_with(id) || id.starts_with(&*it.internal_id))
    }
}

/// Whether an id could be a prefix of an internal id, or starts with one.
fn looks_internal(id: &str) -> bool {
    let begins_like_one = id.split_once('-').is_some_and(|(hash, _)| hash.len() == 40);
    may_be_internal_prefix(id) || (begins_like_one && may_be_internal_prefix(&id[..40]))
}

#[cfg(test)]
mod tests {
    use super::looks_internal;

    #[test]
    fn ids_that_look_internal() {
        let hash = "0123456789abcdef0123456789abcdef01234567";
        for id in ["ab", hash, &format!("{hash}-17"), &format!("{hash}-1700000000000x")] {
            assert!(looks_internal(id), "{id}");
        }
        for id in ["room-1", "group 7", &format!("{hash}x-1"), &format!("x{}", &hash[1..])] {
            assert!(!looks_internal(id), "{id}");
        }
    }
}
