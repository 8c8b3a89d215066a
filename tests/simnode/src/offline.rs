//! A node without sockets and without time of its own: the caller hands it requests, and makes its callbacks.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::http::Head;
use crate::record::Request;
use crate::shared::{DueCallback, Shared};
use crate::{MeetingState, Options};

/// A node for tests that decide themselves when anything happens.
#[derive(Clone)]
pub struct Offline {
    shared: Arc<Shared>,
}

impl Offline {
    /// A node; what it listens on means nothing.
    pub fn new(options: Options) -> Self {
        Self { shared: Arc::new(Shared::new(options, None)) }
    }

    /// Handles a GET of a call with a signed query; status and body of the answer.
    pub fn get(&self, call: &str, query: &str) -> (u16, Bytes) {
        let target = format!("/bigbluebutton/api/{call}?{query}");
        let head = Head { method: "GET".to_owned(), target, ..Head::default() };
        let reply = self.shared.handle(&Request::new(head, Bytes::new()));
        (reply.status, reply.body)
    }

    /// The callbacks that have come due since they were last taken.
    pub fn take_callbacks(&self) -> Vec<DueCallback> {
        self.shared.take_due()
    }

    /// All meetings, in the order they were made.
    pub fn meetings(&self) -> Vec<MeetingState> {
        self.shared.world.lock().all().cloned().collect()
    }

    /// Looks at all meetings, in the order they were made.
    pub fn each(&self, look: impl FnMut(&MeetingState)) {
        self.shared.world.lock().all().for_each(look);
    }

    /// The meeting that BBB would take an id of a call for.
    pub fn find(&self, id: &str) -> Option<MeetingState> {
        let world = self.shared.world.lock();
        world.find(id).and_then(|id| world.get(id)).cloned()
    }

    /// Ends a meeting, by its internal id, with its callbacks. False if there is none.
    pub fn end(&self, internal_id: &str) -> bool {
        self.shared.end(internal_id)
    }

    /// Drops all meetings without callbacks, as a crash and restart of the node does.
    pub fn forget_all(&self) {
        self.shared.world.lock().clear();
    }
}

impl fmt::Debug for Offline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offline").finish_non_exhaustive()
    }
}
