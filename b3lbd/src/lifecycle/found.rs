//! What polls find out about creates whose answers were lost.

use crate::bbb::NodeMeeting;
use crate::model::Nonce;
use crate::state::{Count, Instance, Meeting, Sight};
use crate::store::{Confirmation, Phase};

use super::Meetings;

impl Meetings {
    /// A create came through although its answer was lost: the binding is live.
    pub async fn adopt(&self, meeting: &Meeting, shown: &NodeMeeting) {
        let it = found(shown, meeting.nonce);
        match self.store.confirm_meeting(meeting.row, it.clone()).await {
            Ok(true) => {}
            // It has ended meanwhile.
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, meeting = %meeting.key.id, "a meeting found on its node could not be stored");
                return;
            }
        }
        tracing::info!(secret = %meeting.label, meeting = %meeting.key.id, "meeting found on its node");
        self.pool.counters.count(meeting.key.secret, Count::Create);
        let since = self.pool.clock.now();
        let live = meeting.in_phase(Phase::Live, meeting.nonce, Some(Instance::from(it)), since);
        self.show_found(self.pool.registry.put(live).as_ref(), shown);
    }

    /// The node has another life of a meeting than the one that is bound: the old one has ended.
    pub async fn replace(&self, old: &Meeting, shown: &NodeMeeting) {
        let pool = &self.pool;
        let mut new = old.stored();
        (new.row, new.nonce, new.created_at) = (pool.next_row(), Nonce::random(), pool.clock.wall_ms());
        let it = found(shown, new.nonce);
        if let Err(error) = self.store.renew_meeting((old.row, old.nonce), new.clone(), it.clone()).await {
            tracing::error!(%error, meeting = %old.key.id, "a new instance could not be stored");
            return;
        }
        tracing::info!(secret = %old.label, meeting = %old.key.id, "new instance found on its node");
        self.callback_queued.notify_one();
        pool.ended(old);
        let nonce = new.nonce;
        let meeting = Meeting::creating(new, (old.tenant, old.label.clone()), pool.clock.now());
        let live = meeting.in_phase(Phase::Live, nonce, Some(Instance::from(it)), meeting.known_since);
        let meeting = pool.registry.put(live);
        pool.counters.count(meeting.key.secret, Count::Create);
        pool.book(&meeting);
        self.show_found(&meeting, shown);
    }

    /// An attempt came to nothing, or an orphan is gone.
    pub async fn drop_binding(&self, meeting: &Meeting) {
        self.take_back(meeting, None).await;
    }

    fn show_found(&self, meeting: &Meeting, shown: &NodeMeeting) {
        meeting.see(Sight { main: shown.clone().into(), breakouts: Vec::new(), polled: true });
        self.pool.lists.changed(meeting);
    }
}

/// What a poll tells of an instance.
fn found(shown: &NodeMeeting, nonce: Nonce) -> Confirmation {
    Confirmation {
        create_time: shown.create_time,
        internal_id: shown.internal_id.clone(),
        attendee_pw: shown.attendee_pw.clone(),
        moderator_pw: shown.moderator_pw.clone(),
        answer: shown.create_answer().into_bytes(),
        nonce,
    }
}
