//! What a good poll tells of the meetings that are bound to its node.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use crate::bbb::NodeMeeting;
use crate::lifecycle::Meetings;
use crate::model::Node;
use crate::placement::PollFigures;
use crate::state::{Meeting, Report, Sight};
use crate::store::Phase;

use super::Poller;

/// Seconds after which a meeting that no poll has shown is believed to be gone.
const CREATE_GRACE: f64 = 30.0;
/// Seconds for which an attempt of unknown outcome is awaited.
const UNKNOWN_GRACE: f64 = 600.0;

/// What a poll says of one binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is there.
    Seen,
    /// The poll is too old to say, or it is too early.
    Wait,
    /// Its create came through although the answer was lost.
    CameThrough,
    /// The node has another life of that id now.
    Replaced,
    /// It is gone.
    Gone,
    /// It should not be there: to be ended.
    Orphan,
}

/// A verdict that asks for more than a note.
#[derive(Debug)]
pub(super) struct Decision {
    meeting: Arc<Meeting>,
    verdict: Verdict,
    shown: Option<Arc<NodeMeeting>>,
}

/// Judges a binding of `age` seconds by a poll begun at `begun`, in which the node shows `shown` for its id.
fn judge(meeting: &Meeting, shown: Option<&NodeMeeting>, begun: f64, age: f64) -> Verdict {
    let late_enough = begun > meeting.known_since;
    let create_time = meeting.instance.as_ref().map(|it| it.create_time);
    match (meeting.phase, shown) {
        (Phase::Live, Some(it)) if Some(it.create_time) == create_time => Verdict::Seen,
        (Phase::Live, Some(it)) if late_enough && Some(it.create_time) > create_time => Verdict::Replaced,
        (Phase::Live, _) if late_enough => {
            let was_seen = meeting.sight().is_some_and(|it| it.polled);
            if was_seen || age > CREATE_GRACE { Verdict::Gone } else { Verdict::Wait }
        }
        (Phase::Creating, Some(_)) if late_enough => Verdict::CameThrough,
        (Phase::Creating, None) if late_enough && age > UNKNOWN_GRACE => Verdict::Gone,
        (Phase::Abandoned, Some(it)) => match create_time {
            // Somebody else's by now.
            Some(known) if known != it.create_time && late_enough => Verdict::Gone,
            Some(known) if known != it.create_time => Verdict::Wait,
            _ => Verdict::Orphan,
        },
        (Phase::Abandoned, None) if late_enough => {
            // What has been there once does not come up late.
            let was_there = create_time.is_some() || meeting.sight().is_some();
            if was_there || age > UNKNOWN_GRACE { Verdict::Gone } else { Verdict::Wait }
        }
        _ => Verdict::Wait,
    }
}

impl Poller {
    /// Books a good poll on the bindings of its node.
    pub(super) fn apply(
        &self,
        node: &Node,
        begun: f64,
        cpu: Option<(u32, f64)>,
        shown: Vec<NodeMeeting>,
    ) -> (Report, Vec<Decision>) {
        let pool = &self.meetings.pool;
        let shown = newest_lives(shown);
        let bound = pool.registry.on_node(node.id);
        let mut rooms = breakouts(&shown, &bound);
        let mut known = Vec::with_capacity(bound.len());
        let mut decisions = Vec::new();
        let mut foreign_meetings = shown.len();
        let mut foreign_attendees = attendees_of(shown.values());
        for meeting in bound {
            // A node may go on showing an instance for a while after its end was settled.
            let it = shown.get(&meeting.key.id).filter(|it| !pool.has_ended(node.id, it.create_time));
            let age = pool.clock.now() - pool.clock.at_wall_ms(meeting.created_at);
            let verdict = judge(&meeting, it.map(AsRef::as_ref), begun, age);
            if let (Verdict::Seen, Some(main)) = (verdict, it) {
                let breakouts = rooms.remove(main.internal_id.as_str()).unwrap_or_default();
                known.push((meeting.row.unsigned_abs(), main.attendees));
                foreign_meetings = foreign_meetings.saturating_sub(1);
                foreign_attendees = foreign_attendees.saturating_sub(main.attendees);
                self.see(&meeting, Sight { main: Arc::clone(main), breakouts, polled: true });
            } else if verdict != Verdict::Wait {
                if let (Verdict::Orphan, Some(main)) = (verdict, it) {
                    meeting.see(Sight { main: Arc::clone(main), breakouts: Vec::new(), polled: true });
                }
                decisions.push(Decision { meeting, verdict, shown: it.cloned() });
            }
        }
        pool.polled(
            node.id,
            PollFigures {
                begun,
                cpu: cpu.map(|(cpu, _)| cpu),
                meetings: &known,
                foreign_meetings: u32::try_from(foreign_meetings).unwrap_or(u32::MAX),
                foreign_attendees,
            },
        );
        (Report { meetings: shown }, decisions)
    }

    fn see(&self, meeting: &Meeting, sight: Sight) {
        let changed = meeting.sight().is_none_or(|old| !old.same_text(&sight));
        meeting.see(sight);
        if changed {
            self.meetings.pool.lists.changed(meeting);
        }
    }
}

impl Decision {
    /// Acts on what a poll says of a binding.
    pub(super) async fn settle(self, meetings: &Meetings) {
        let Self { meeting, verdict, shown } = self;
        let pool = &meetings.pool;
        // A create of this meeting is under way and will settle it itself.
        let Some(_turn) = pool.turns.try_take(meeting.key.clone()) else { return };
        let now = pool.registry.by_nonce(&meeting.nonce);
        if now.is_none_or(|it| it.row != meeting.row || it.phase != meeting.phase) {
            return;
        }
        match (verdict, shown) {
            (Verdict::Gone, _) if meeting.phase == Phase::Live => {
                if let Err(error) = meetings.ended(&meeting, "poll").await {
                    tracing::error!(%error, meeting = %meeting.key.id, "the end of a meeting could not be stored");
                }
            }
            (Verdict::Gone, _) => meetings.drop_binding(&meeting).await,
            (Verdict::CameThrough, Some(it)) => meetings.adopt(&meeting, &it).await,
            (Verdict::Replaced, Some(it)) => meetings.replace(&meeting, &it).await,
            (Verdict::Orphan, _) => {
                tracing::info!(meeting = %meeting.key.id, "a life left behind is ended");
                meetings.end_on_node(&meeting).await;
            }
            _ => {}
        }
    }
}

/// People in all of these, as far as a number goes.
pub(super) fn attendees_of<'a>(shown: impl Iterator<Item = &'a Arc<NodeMeeting>>) -> u32 {
    shown.fold(0, |sum: u32, it| sum.saturating_add(it.attendees))
}

/// What is shown by id; of several lives of one id the newest, the others have ended.
fn newest_lives(shown: Vec<NodeMeeting>) -> HashMap<Arc<str>, Arc<NodeMeeting>> {
    let mut newest: HashMap<Arc<str>, Arc<NodeMeeting>> = HashMap::with_capacity(shown.len());
    for it in shown {
        match newest.entry(it.id.clone()) {
            Entry::Occupied(known) if known.get().create_time >= it.create_time => {}
            Entry::Occupied(mut known) => {
                known.insert(Arc::new(it));
            }
            Entry::Vacant(free) => {
                free.insert(Arc::new(it));
            }
        }
    }
    newest
}

/// Breakout rooms that a node made, by the internal id of their parent. Rooms that a client made by a
/// `create` of its own are bound themselves.
fn breakouts(
    shown: &HashMap<Arc<str>, Arc<NodeMeeting>>,
    bound: &[Arc<Meeting>],
) -> HashMap<String, Vec<Arc<NodeMeeting>>> {
    let mut rooms: HashMap<String, Vec<Arc<NodeMeeting>>> = HashMap::new();
    for room in shown.values() {
        if let Some(parent) = &room.parent
            && !bound.iter().any(|it| it.key.id == room.id && it.phase == Phase::Live)
        {
            rooms.entry(parent.clone()).or_default().push(Arc::clone(room));
        }
    }
    for list in rooms.values_mut() {
        list.sort_by(|a, b| (a.create_time, &a.id).cmp(&(b.create_time, &b.id)));
    }
    rooms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{NodeId, Nonce, SecretId, TenantId};
    use crate::state::Instance;
    use crate::store::NewMeeting;

    fn node_meeting(create_time: i64) -> NodeMeeting {
        NodeMeeting { id: "room".into(), create_time, ..NodeMeeting::default() }
    }

    /// A binding known since second 10, of the instance created at `create_time` if that is given.
    fn meeting(phase: Phase, create_time: Option<i64>) -> Meeting {
        let new = NewMeeting {
            row: 1,
            secret: SecretId(1),
            id: "room".into(),
            node: NodeId(1),
            nonce: Nonce::random(),
            name: "n".into(),
            ended_url: None,
            created_at: 0,
        };
        let instance = create_time.map(|create_time| Instance {
            create_time,
            internal_id: String::new(),
            attendee_pw: String::new(),
            moderator_pw: String::new(),
            answer: Vec::new(),
        });
        let creating = Meeting::creating(new, (TenantId(1), "foo".parse().unwrap()), 10.0);
        creating.in_phase(phase, creating.nonce, instance, 10.0)
    }

    #[test]
    fn of_several_lives_the_newest_is_meant() {
        let shown = newest_lives(vec![node_meeting(1), node_meeting(3), node_meeting(2)]);
        assert_eq!((shown.len(), shown["room"].create_time), (1, 3));
    }

    #[test]
    fn verdicts() {
        use Phase::{Abandoned, Creating, Live};
        let (early, late) = (5.0, 15.0);
        let (young, old, ancient) = (5.0, 31.0, 601.0);
        for (phase, known, shown, begun, age, verdict) in [
            (Live, Some(2), Some(2), early, young, Verdict::Seen),
            (Live, Some(2), Some(3), late, young, Verdict::Replaced),
            (Live, Some(2), Some(3), early, young, Verdict::Wait),
            (Live, Some(2), Some(1), late, young, Verdict::Wait),
            (Live, Some(2), Some(1), late, old, Verdict::Gone),
            (Live, Some(2), None, late, young, Verdict::Wait),
            (Live, Some(2), None, late, old, Verdict::Gone),
            (Live, Some(2), None, early, old, Verdict::Wait),
            (Creating, None, Some(2), late, young, Verdict::CameThrough),
            (Creating, None, None, late, old, Verdict::Wait),
            (Creating, None, None, late, ancient, Verdict::Gone),
            (Abandoned, None, Some(2), early, young, Verdict::Orphan),
            (Abandoned, Some(2), Some(3), late, young, Verdict::Gone),
            (Abandoned, None, None, late, old, Verdict::Wait),
            (Abandoned, None, None, late, ancient, Verdict::Gone),
            (Abandoned, Some(2), None, late, young, Verdict::Gone),
        ] {
            let shown = shown.map(node_meeting);
            let found = judge(&meeting(phase, known), shown.as_ref(), begun, age);
            assert_eq!(found, verdict, "{phase:?} known {known:?} shown {shown:?} begun {begun} age {age}");
        }
    }
}
