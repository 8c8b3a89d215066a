//! What a good poll tells of the meetings that are bound to its node.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::found::instance_of;
use super::{BindingStore, Core, NodeCalls};
use crate::bbb::NodeMeeting;
use crate::model::{Node, Phase};
use crate::placement::PollSample;
use crate::state::{Meeting, Observation, Report};

/// Seconds after which a meeting that no poll has shown is believed to be gone.
const CREATE_GRACE: f64 = 30.0;
/// Seconds for which an attempt of unknown outcome is awaited.
const UNKNOWN_GRACE: f64 = 600.0;
/// Seconds after which a repeat has begun nothing if the life before it still goes on.
const REPEAT_GRACE: f64 = 60.0;

/// A good poll of a node.
#[derive(Debug)]
pub struct Poll {
    /// When it was begun, in seconds on the daemon's clock.
    pub begun: f64,
    /// CPU use on the base 10,000, if the node told it.
    pub cpu: Option<u32>,
    /// All meetings on the node.
    pub report: Report,
}

/// What a poll says of one binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is there.
    Seen,
    /// The poll is too old to say, or it is too early.
    Wait,
    /// Its create came through although the answer was lost.
    CameThrough,
    /// A repeat has begun another life although its answer was lost.
    Renewed,
    /// It is gone.
    Gone,
    /// It should not be there: to be ended.
    Orphan,
}

/// A verdict that asks for more than a note.
#[derive(Debug)]
pub struct Decision {
    meeting: Arc<Meeting>,
    verdict: Verdict,
    shown: Option<Arc<NodeMeeting>>,
}

/// What a node shows that may be a binding's.
#[derive(Clone, Copy, Debug, Default)]
struct Shown<'a> {
    /// The life that is bound.
    same: Option<&'a Arc<NodeMeeting>>,
    /// Another life of its meeting id, which is nobody else's: the newest.
    other: Option<&'a Arc<NodeMeeting>>,
}

/// Judges a binding by a poll begun at `begun`. The binding is `age` seconds old and known since `known` seconds.
fn judge(meeting: &Meeting, shown: Shown<'_>, begun: f64, age: f64, known: f64) -> Verdict {
    let late_enough = begun > meeting.known_since;
    let created = meeting.instance().map(|it| it.create_time);
    let awaits = meeting.binding.next_is_open();
    match meeting.phase() {
        _ if !late_enough && meeting.phase() != Phase::Live => Verdict::Wait,
        Phase::Live if shown.same.is_some() => Verdict::Seen,
        Phase::Live if !late_enough => Verdict::Wait,
        Phase::Live if awaits && shown.other.map(|it| it.create_time) > created => Verdict::Renewed,
        Phase::Live => {
            let was_seen = meeting.observation().is_some_and(|it| it.polled);
            if was_seen || meeting.is_ending() || age > CREATE_GRACE { Verdict::Gone } else { Verdict::Wait }
        }
        Phase::Creating if shown.other.is_some() => Verdict::CameThrough,
        Phase::Abandoned if shown.same.is_some() => Verdict::Orphan,
        // An attempt that came through after all, or the life that a repeat has begun.
        Phase::Abandoned if (created.is_none() || awaits) && shown.other.is_some() => Verdict::Orphan,
        // What has been there once does not come up late.
        Phase::Abandoned if created.is_some() && !awaits => Verdict::Gone,
        Phase::Abandoned if !awaits && meeting.observation().is_some() => Verdict::Gone,
        Phase::Creating | Phase::Abandoned if known > UNKNOWN_GRACE => Verdict::Gone,
        _ => Verdict::Wait,
    }
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// Books a good poll on the bindings of its node. What asks for more is for [`Decision::settle`].
    pub fn observe(&self, node: &Node, poll: &Poll) -> Vec<Decision> {
        let pool = &self.pool;
        let Poll { begun, cpu, report } = poll;
        let bound = pool.registry.on_node(node.id);
        let mut rooms = rooms_by_parent(report, &bound);
        let claimed: HashSet<&str> =
            bound.iter().filter_map(|it| it.instance()).map(|it| &*it.internal_id).collect();
        let mut known = Vec::with_capacity(bound.len());
        let mut decisions = Vec::new();
        let mut foreign_meetings = report.all().len();
        let mut foreign_attendees = report.attendees();
        let now = pool.clock.now();
        for meeting in &bound {
            let shown = self.shown(report, meeting, &claimed);
            let age = now - pool.clock.at_wall_ms(meeting.binding.created_at);
            let verdict = judge(meeting, shown, *begun, age, now - meeting.known_since);
            if let (Verdict::Seen, Some(main)) = (verdict, shown.same) {
                let rooms = rooms.remove(&*main.internal_id).unwrap_or_default();
                known.push((meeting.id().0.unsigned_abs(), main.attendees));
                foreign_meetings = foreign_meetings.saturating_sub(1);
                foreign_attendees = foreign_attendees.saturating_sub(main.attendees);
                self.seen(meeting, Observation { main: Arc::clone(main), rooms, polled: true });
                if meeting.binding.next_is_open() && *begun > meeting.next_since + REPEAT_GRACE {
                    self.close_next_life(meeting);
                }
            } else if verdict == Verdict::Gone
                && report.may_hide(meeting.instance().map(|it| &*it.internal_id))
            {
                // It is there, or may be: the node's list holds something in its place that is no XML.
            } else if verdict != Verdict::Wait {
                let shown = shown.same.or(shown.other).cloned();
                decisions.push(Decision { meeting: Arc::clone(meeting), verdict, shown });
            }
        }
        pool.polled(
            node.id,
            PollSample {
                begun: *begun,
                cpu: *cpu,
                meetings: &known,
                foreign_meetings: u32::try_from(foreign_meetings).unwrap_or(u32::MAX),
                foreign_attendees,
            },
        );
        decisions
    }

    /// What a report shows that may be a binding's. A node may go on showing a life for a while after its end was
    /// settled: that one is nobody's.
    fn shown<'a>(&self, report: &'a Report, meeting: &Meeting, claimed: &HashSet<&str>) -> Shown<'a> {
        let node = meeting.node();
        let instance = meeting.instance();
        let is_same = |it: &&Arc<NodeMeeting>| {
            instance.is_some_and(|known| known.create_time == it.create_time)
                && !self.pool.has_ended(node, it)
        };
        let same = instance.and_then(|known| report.with_internal_id(&known.internal_id)).filter(is_same);
        // Only where it is asked for: most bindings are live, and seen.
        if same.is_some() || (instance.is_some() && !meeting.binding.next_is_open()) {
            return Shown { same, other: None };
        }
        let id = instance.map_or(&meeting.key().id, |known| &known.external_id);
        // A client's breakout room has the client's id as its internal one, which a new life keeps.
        let by_internal_id = report.with_internal_id(instance.map_or(id, |known| &known.internal_id));
        let mut others = by_internal_id
            .into_iter()
            .chain(report.with_id(id).iter().filter(|it| !claimed.contains(&*it.internal_id)));
        Shown { same, other: others.find(|it| !self.pool.has_ended(node, it)) }
    }

    fn seen(&self, meeting: &Meeting, observation: Observation) {
        let changed = meeting.observation().is_none_or(|old| !old.same_text(&observation));
        self.pool.registry.observe(meeting, observation);
        if changed {
            self.pool.lists.changed(meeting);
        }
    }
}

impl Decision {
    /// Acts on what a poll says of a binding, unless a create of its meeting is under way, which settles it
    /// itself, or something else has changed it meanwhile.
    pub async fn settle<S: BindingStore, N: NodeCalls>(self, core: &Core<S, N>) {
        let Self { meeting, verdict, shown } = self;
        let Some(_turn) = core.pool.turns.try_take(meeting.key().clone()) else { return };
        let Some(meeting) =
            core.pool.registry.meeting(meeting.id()).filter(|it| it.binding == meeting.binding)
        else {
            return;
        };
        match (verdict, shown) {
            (Verdict::Gone, _) if meeting.phase() == Phase::Live => {
                if let Err(error) = core.ended(&meeting, "poll").await {
                    tracing::error!(%error, meeting = %meeting.key().id, "the end of a meeting could not be stored");
                }
            }
            (Verdict::Gone, _) => core.drop_binding(&meeting).await,
            (Verdict::CameThrough, Some(it)) => core.adopt(&meeting, &it).await,
            (Verdict::Renewed, Some(it)) => core.adopt_next(&meeting, &it).await,
            (Verdict::Orphan, Some(it)) => {
                tracing::info!(meeting = %meeting.key().id, "a life left behind is ended");
                core.note_orphan(&meeting, &it);
                core.end_on(meeting.node(), &instance_of(&it)).await;
            }
            _ => {}
        }
    }
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// An attempt that was abandoned has shown up: once it is gone, it is settled.
    fn note_orphan(&self, meeting: &Meeting, shown: &Arc<NodeMeeting>) {
        let observation = Observation { main: Arc::clone(shown), rooms: Vec::new(), polled: true };
        self.pool.registry.observe(meeting, observation);
    }
}

/// Breakout rooms that a node made, by the internal id of their parent. Rooms that a client made by a
/// `create` of its own are bound themselves.
fn rooms_by_parent(report: &Report, bound: &[Arc<Meeting>]) -> HashMap<String, Vec<Arc<NodeMeeting>>> {
    // Of a room whose create is under way, its internal id is what the client asked for.
    let own: HashSet<&str> = bound
        .iter()
        .filter(|it| it.phase() != Phase::Abandoned)
        .map(|it| it.instance().map_or(&*it.key().id, |told| &*told.internal_id))
        .collect();
    let mut rooms: HashMap<String, Vec<Arc<NodeMeeting>>> = HashMap::new();
    for room in report.all() {
        if let Some(parent) = &room.parent
            && !own.contains(&*room.internal_id)
        {
            rooms.entry(parent.clone()).or_default().push(Arc::clone(room));
        }
    }
    for list in rooms.values_mut() {
        list.sort_by(|a, b| (a.create_time, &a.internal_id).cmp(&(b.create_time, &b.internal_id)));
    }
    rooms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Binding, BindingId, Instance, MeetingKey, NextLife, NodeId, Nonce, SecretId, TenantId,
    };
    use crate::state::Owner;

    fn node_meeting(create_time: i64) -> Arc<NodeMeeting> {
        Arc::new(NodeMeeting { id: "room".into(), create_time, ..NodeMeeting::default() })
    }

    /// A binding known since second 10, of the instance created at `create_time` if that is given.
    fn meeting(phase: Phase, create_time: Option<i64>, awaits: bool) -> Meeting {
        let instance = create_time.map(|create_time| {
            Arc::new(Instance {
                create_time,
                internal_id: "x".into(),
                external_id: "room".into(),
                attendee_pw: String::new(),
                moderator_pw: String::new(),
                answer: Vec::new(),
            })
        });
        let next = NextLife { nonce: Nonce::random(), is_open: true, is_ambiguous: false };
        let binding = Binding {
            id: BindingId(1),
            key: MeetingKey { secret: SecretId(1), id: "room".into() },
            node: NodeId(1),
            phase,
            nonce: Nonce::random(),
            next: awaits.then_some(next),
            name: "n".into(),
            ended_url: None,
            analytics_url: None,
            created_at: 0,
            instance,
        };
        Meeting::new(binding, Owner { tenant: TenantId(1), label: "foo".parse().unwrap() }, 10.0)
    }

    #[test]
    fn verdicts() {
        use Phase::{Abandoned, Creating, Live};
        let (early, late) = (5.0, 15.0);
        let (young, old, ancient) = (5.0, 31.0, 601.0);
        for (phase, known, same, other, awaits, begun, age, verdict) in [
            (Live, Some(2), true, None, false, early, young, Verdict::Seen),
            (Live, Some(2), false, Some(3), true, late, young, Verdict::Renewed),
            (Live, Some(2), false, Some(3), true, early, young, Verdict::Wait),
            (Live, Some(2), false, Some(1), true, late, young, Verdict::Wait),
            (Live, Some(2), false, Some(1), true, late, old, Verdict::Gone),
            (Live, Some(2), false, Some(3), false, late, old, Verdict::Gone),
            (Live, Some(2), false, None, false, late, young, Verdict::Wait),
            (Live, Some(2), false, None, false, late, old, Verdict::Gone),
            (Live, Some(2), false, None, false, early, old, Verdict::Wait),
            (Creating, None, false, Some(2), false, late, young, Verdict::CameThrough),
            (Creating, None, false, Some(2), false, early, young, Verdict::Wait),
            (Creating, None, false, None, false, late, old, Verdict::Wait),
            (Creating, None, false, None, false, late, ancient, Verdict::Gone),
            (Abandoned, None, false, Some(2), false, late, young, Verdict::Orphan),
            (Abandoned, Some(2), true, None, false, late, young, Verdict::Orphan),
            (Abandoned, Some(2), false, Some(3), true, late, young, Verdict::Orphan),
            (Abandoned, Some(2), false, Some(3), false, late, young, Verdict::Gone),
            (Abandoned, Some(2), false, None, true, late, old, Verdict::Wait),
            (Abandoned, Some(2), false, None, true, late, ancient, Verdict::Gone),
            (Abandoned, None, false, None, false, late, old, Verdict::Wait),
            (Abandoned, None, false, None, false, late, ancient, Verdict::Gone),
            (Abandoned, Some(2), false, None, false, late, young, Verdict::Gone),
        ] {
            let (it, other) = (node_meeting(2), other.map(node_meeting));
            let shown = Shown { same: same.then_some(&it), other: other.as_ref() };
            let found = judge(&meeting(phase, known, awaits), shown, begun, age, age);
            assert_eq!(
                found, verdict,
                "{phase:?} {known:?} {shown:?} awaits {awaits} begun {begun} age {age}"
            );
        }
    }

    #[test]
    fn an_accepted_end_is_believed_from_the_next_poll_on() {
        let it = meeting(Phase::Live, Some(2), false);
        it.set_ending();
        assert_eq!(judge(&it, Shown::default(), 15.0, 1.0, 1.0), Verdict::Gone);
        assert_eq!(judge(&it, Shown::default(), 5.0, 1.0, 1.0), Verdict::Wait, "begun before it was known");
    }
}
