//! `create` of a meeting that its secret already has: its node is asked again.

use std::sync::Arc;

use crate::bbb::{CreateAnswer, Failure, Params, passwords_agree};
use crate::health::State;
use crate::model::{NodeId, Nonce};
use crate::nodes::NodeAnswer;
use crate::state::{Count, Meeting, Topic, Weight};
use crate::store::Phase;

use super::Meetings;
use super::attempt::{Created, Outcome};
use super::create::CreateRequest;

impl Meetings {
    /// BBB's create is idempotent, so the node is asked again; one that is down loses the meeting.
    pub(super) async fn create_again(
        &self,
        request: &CreateRequest,
        meeting: Arc<Meeting>,
    ) -> Result<NodeAnswer, Failure> {
        // The meeting may have ended unnoticed: then the node makes a new one, as a room of this parent.
        self.parent_node(request)?;
        let creating = meeting.phase == Phase::Creating;
        if self.pool.fleet.state(meeting.node) == State::Down {
            tracing::info!(
                secret = %meeting.label, meeting = %request.id, node = %self.node_name(meeting.node),
                "meeting moved off a node that is down"
            );
            let subject = format!("meeting {} of {}", request.id, meeting.label);
            let text = format!("moved off {}, which is down", self.node_name(meeting.node));
            self.tell(Topic::Meeting, Weight::Warning, subject, text);
            let node = meeting.node;
            return self.create_new(request, Some(meeting), vec![node]).await;
        }
        let nonce = Nonce::random();
        match self.ask_to_create(request, meeting.node, nonce).await {
            Outcome::Created(created) if creating => {
                // A duplicate means that the first attempt came through, and the node has its nonce.
                let nonce = if created.duplicate { meeting.nonce } else { nonce };
                if !created.duplicate && self.in_maintenance(meeting.node) {
                    let stored = self.store.confirm_meeting(meeting.row, created.confirmation(nonce)).await;
                    stored.map_err(|_| Failure::STORE)?;
                    let now = self.pool.clock.now();
                    let live = meeting.in_phase(Phase::Live, nonce, Some(created.instance), now);
                    return self.place_elsewhere(request, &live).await;
                }
                self.confirm(&meeting, &created, nonce).await.map_err(|_| Failure::STORE)?;
                Ok(created.answer)
            }
            Outcome::Created(created) if is_new_life(&meeting, &created) => {
                self.renew(request, &meeting, created, nonce).await
            }
            Outcome::Created(created) => Ok(created.answer),
            // Our own meeting, of other passwords: if its first answer was lost, a poll finds it.
            Outcome::Taken(answer) => Ok(answer),
            Outcome::Refused(answer) => {
                if creating {
                    self.take_back(&meeting, None).await;
                }
                Ok(answer)
            }
            Outcome::Unreached | Outcome::Unknown if creating => {
                let node = meeting.node;
                self.create_new(request, Some(meeting), vec![node]).await
            }
            Outcome::Unreached | Outcome::Unknown => answer_again(&meeting, &request.params),
        }
    }

    /// The old instance had ended, and the node made a new one.
    async fn renew(
        &self,
        request: &CreateRequest,
        old: &Meeting,
        created: Created,
        nonce: Nonce,
    ) -> Result<NodeAnswer, Failure> {
        let pool = &self.pool;
        let new = request.binding(pool.next_row(), old.node, nonce, pool.clock.wall_ms());
        let stored =
            self.store.renew_meeting((old.row, old.nonce), new.clone(), created.confirmation(nonce)).await;
        if let Err(error) = stored {
            tracing::error!(%error, meeting = %request.id, "a new instance could not be stored");
            return Err(Failure::STORE);
        }
        self.callback_queued.notify_one();
        let meeting = Meeting::creating(new, (old.tenant, old.label.clone()), pool.clock.now());
        let meeting = meeting.in_phase(Phase::Live, nonce, Some(created.instance.clone()), pool.clock.now());
        let (meeting, limit) = pool.renew(old, meeting, &request.tenant, &request.secret);
        if let Some(limit) = limit {
            self.count_limit(request, limit);
            self.leave_behind(&meeting).await?;
            return Err(Failure::LIMIT);
        }
        if self.in_maintenance(old.node) {
            return self.place_elsewhere(request, &meeting).await;
        }
        pool.counters.count(meeting.key.secret, Count::Create);
        self.show(&meeting, &created);
        Ok(created.answer)
    }

    fn in_maintenance(&self, node: NodeId) -> bool {
        self.pool.node(node).is_some_and(|node| node.maintenance)
    }

    /// A new life that may not be: ended on its node, and remembered until it is gone there.
    async fn leave_behind(&self, meeting: &Meeting) -> Result<(), Failure> {
        if let Err(error) = self.store.abandon_meeting(meeting.row).await {
            tracing::error!(%error, meeting = %meeting.key.id, "a meeting could not be left behind");
            return Err(Failure::STORE);
        }
        self.pool.abandon(meeting);
        self.end_on_node(meeting).await;
        Ok(())
    }

    /// A new life on a node in maintenance is ended there, and the meeting is placed anew.
    async fn place_elsewhere(
        &self,
        request: &CreateRequest,
        meeting: &Meeting,
    ) -> Result<NodeAnswer, Failure> {
        // Left behind first, so that its end is not told to the client as that of the meeting.
        self.leave_behind(meeting).await?;
        self.create_new(request, None, vec![meeting.node]).await
    }

    /// Ends a meeting on its node; the polls and the callback tell whether it worked.
    pub async fn end_on_node(&self, meeting: &Meeting) -> Option<NodeAnswer> {
        let node = self.pool.node(meeting.node)?;
        let mut params = Params::default();
        params.set("meetingID", &meeting.key.id);
        if let Some(instance) = &meeting.instance {
            params.set("password", &instance.moderator_pw);
        }
        let answer = self.nodes.call(&node, "end", &params, None).await;
        if let Err(error) = &answer {
            tracing::warn!(node = %node.fqdn(), meeting = %meeting.key.id, %error, "a meeting could not be ended");
        }
        self.pool.fleet.poll_now(meeting.node);
        answer.ok()
    }
}

fn is_new_life(meeting: &Meeting, created: &Created) -> bool {
    meeting.instance.as_ref().is_none_or(|it| it.create_time != created.instance.create_time)
}

/// The node does not answer: the stored answer of the first create will do, the `join` needs no node.
fn answer_again(meeting: &Meeting, params: &Params) -> Result<NodeAnswer, Failure> {
    let instance = meeting.instance.as_ref().ok_or(Failure::NODE_SILENT)?;
    if !passwords_agree(params, &instance.attendee_pw, &instance.moderator_pw) {
        return Err(Failure::ID_NOT_UNIQUE);
    }
    let repeated = CreateAnswer::repeated(&instance.answer).map_err(|_| Failure::NODE_SILENT)?;
    let content_type = Some("text/xml; charset=utf-8".to_owned());
    Ok(NodeAnswer { status: 200, content_type, body: repeated.into() })
}
