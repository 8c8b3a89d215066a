//! What a successful poll says about the meetings that are bound to its node.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::found::instance_of;
use super::stray::Stray;
use super::{BindingStore, Core, NodeCalls};
use crate::bbb::NodeMeeting;
use crate::model::{Node, Phase};
use crate::placement::PollSample;
use crate::state::{Meeting, Observation, Report};

/// Seconds until a meeting that no poll has reported counts as gone.
const CREATE_GRACE: f64 = 30.0;
/// Seconds until an attempt with unknown outcome counts as failed.
const UNKNOWN_GRACE: f64 = 600.0;
/// Seconds after which a repeat has not started a new instance if the previous one still goes on.
const REPEAT_GRACE: f64 = 60.0;

/// A successful poll of a node.
#[derive(Debug)]
pub struct Poll {
    /// When it started, in seconds on the daemon's clock.
    pub begun: f64,
    /// CPU use in units of 0.01 %, if the node reported it.
    pub cpu: Option<u32>,
    /// All meetings on the node.
    pub report: Report,
}

/// What a poll says about a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The instance exists.
    Present,
    /// The poll is too old, or it is too early to decide.
    Wait,
    /// The create succeeded although its answer was lost.
    CameThrough,
    /// A repeat has started a new instance although its answer was lost.
    Renewed,
    /// The instance is gone.
    Gone,
    /// It should not exist, and is to be ended.
    Orphan,
}

/// What requires an action after a poll.
#[derive(Debug)]
pub struct Decision(Case);

#[derive(Debug)]
enum Case {
    /// A verdict on a binding.
    Bound { meeting: Arc<Meeting>, verdict: Verdict, reported: Option<Arc<NodeMeeting>> },
    /// A meeting without a binding.
    Unbound(Stray),
}

/// What a node reports that may belong to a binding.
#[derive(Clone, Copy, Debug, Default)]
struct Reported<'a> {
    /// The bound instance.
    same: Option<&'a Arc<NodeMeeting>>,
    /// The newest other instance of the meeting id that does not belong to anybody else.
    other: Option<&'a Arc<NodeMeeting>>,
}

/// Judges a binding by a poll that started at `begun`. The binding was created `age` seconds ago and is known
/// since `known` seconds.
fn judge(meeting: &Meeting, reported: Reported<'_>, begun: f64, age: f64, known: f64) -> Verdict {
    let late_enough = begun > meeting.known_since;
    let created = meeting.instance().map(|it| it.create_time);
    let awaits = meeting.binding.next_is_open();
    match meeting.phase() {
        _ if !late_enough && meeting.phase() != Phase::Live => Verdict::Wait,
        Phase::Live if reported.same.is_some() => Verdict::Present,
        Phase::Live if !late_enough => Verdict::Wait,
        Phase::Live if awaits && reported.other.map(|it| it.create_time) > created => Verdict::Renewed,
        Phase::Live => {
            let was_seen = meeting.observation().is_some_and(|it| it.polled);
            if was_seen || meeting.is_ending() || age > CREATE_GRACE { Verdict::Gone } else { Verdict::Wait }
        }
        Phase::Creating if reported.other.is_some() => Verdict::CameThrough,
        Phase::Abandoned if reported.same.is_some() => Verdict::Orphan,
        // An attempt that succeeded after all, or an instance that a repeat has started.
        Phase::Abandoned if (created.is_none() || awaits) && reported.other.is_some() => Verdict::Orphan,
        // An instance that existed before does not appear again.
        Phase::Abandoned if created.is_some() && !awaits => Verdict::Gone,
        Phase::Abandoned if !awaits && meeting.observation().is_some() => Verdict::Gone,
        Phase::Creating | Phase::Abandoned if known > UNKNOWN_GRACE => Verdict::Gone,
        _ => Verdict::Wait,
    }
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// Applies a successful poll to the bindings of its node, and returns the actions for
    /// [`Decision::settle`].
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
            let reported = self.reported(report, meeting, &claimed);
            let age = now - pool.clock.at_wall_ms(meeting.binding.created_at);
            let verdict = judge(meeting, reported, *begun, age, now - meeting.known_since);
            if let (Verdict::Present, Some(main)) = (verdict, reported.same) {
                let rooms = rooms.remove(&*main.internal_id).unwrap_or_default();
                known.push((meeting.id().0.unsigned_abs(), main.attendees));
                foreign_meetings = foreign_meetings.saturating_sub(1);
                foreign_attendees = foreign_attendees.saturating_sub(main.attendees);
                self.update_observation(meeting, Observation { main: Arc::clone(main), rooms, polled: true });
                if meeting.binding.next_is_open() && *begun > meeting.next_since + REPEAT_GRACE {
                    self.close_next_instance(meeting);
                }
            } else if verdict == Verdict::Gone
                && report.may_hide(meeting.instance().map(|it| &*it.internal_id))
            {
                // The meeting may exist: the node's list contains an element in its place that is not valid
                // XML.
            } else if verdict != Verdict::Wait {
                let reported = reported.same.or(reported.other).cloned();
                decisions.push(Decision(Case::Bound { meeting: Arc::clone(meeting), verdict, reported }));
            }
        }
        let unbound = report.all().filter(|it| !claimed.contains(&*it.internal_id));
        decisions.extend(unbound.filter_map(|it| self.stray(node, it)).map(|it| Decision(Case::Unbound(it))));
        if let Some(cell) = pool.fleet.cell(node.id) {
            cell.keep_strays(|id| report.with_internal_id(id).is_some() && !claimed.contains(id));
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

    /// What a report contains that may belong to a binding. A node may report an instance for a while after
    /// its end was settled; such an instance is ignored.
    fn reported<'a>(&self, report: &'a Report, meeting: &Meeting, claimed: &HashSet<&str>) -> Reported<'a> {
        let node = meeting.node();
        let instance = meeting.instance();
        let is_same = |it: &&Arc<NodeMeeting>| {
            instance.is_some_and(|known| known.create_time == it.create_time)
                && !self.pool.has_ended(node, it)
        };
        let same = instance.and_then(|known| report.with_internal_id(&known.internal_id)).filter(is_same);
        // Most bindings are live and reported, so the rest is rarely needed.
        if same.is_some() || (instance.is_some() && !meeting.binding.next_is_open()) {
            return Reported { same, other: None };
        }
        let id = instance.map_or(&meeting.key().id, |known| &known.external_id);
        // A client's breakout room uses the client's id as its internal id, which a new instance keeps.
        let by_internal_id = report.with_internal_id(instance.map_or(id, |known| &known.internal_id));
        let mut others = by_internal_id
            .into_iter()
            .chain(report.with_id(id).iter().filter(|it| !claimed.contains(&*it.internal_id)));
        Reported { same, other: others.find(|it| !self.pool.has_ended(node, it)) }
    }

    fn update_observation(&self, meeting: &Meeting, observation: Observation) {
        let changed = meeting.observation().is_none_or(|old| !old.same_text(&observation));
        self.pool.registry.observe(meeting, observation);
        if changed {
            self.pool.lists.changed(meeting);
        }
    }
}

impl Decision {
    /// Acts on the verdict, unless a create of the meeting is in progress, which settles it itself, or the
    /// binding has changed meanwhile.
    pub async fn settle<S: BindingStore, N: NodeCalls>(self, core: &Core<S, N>) {
        let (meeting, verdict, reported) = match self.0 {
            Case::Bound { meeting, verdict, reported } => (meeting, verdict, reported),
            Case::Unbound(stray) => return core.settle_stray(stray).await,
        };
        let Some(_turn) = core.pool.turns.try_take(meeting.key().clone()) else { return };
        let Some(meeting) =
            core.pool.registry.meeting(meeting.id()).filter(|it| it.binding == meeting.binding)
        else {
            return;
        };
        match (verdict, reported) {
            (Verdict::Gone, _) if meeting.phase() == Phase::Live => {
                if let Err(error) = core.ended(&meeting, "poll").await {
                    tracing::error!(%error, meeting = %meeting.key().id, "the end of a meeting could not be stored");
                }
            }
            (Verdict::Gone, _) => core.drop_binding(&meeting).await,
            (Verdict::CameThrough, Some(it)) => core.adopt(&meeting, &it).await,
            (Verdict::Renewed, Some(it)) => core.adopt_next(&meeting, &it).await,
            // Without a view of the claims, it may be the meeting of a new primary.
            (Verdict::Orphan, Some(it)) if core.pool.standing.may_act() => {
                tracing::info!(meeting = %meeting.key().id, "an abandoned instance is ended");
                core.note_orphan(&meeting, &it);
                core.end_on(meeting.node(), &instance_of(&it)).await;
            }
            _ => {}
        }
    }
}

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// An abandoned attempt has appeared; it is settled once it is gone.
    fn note_orphan(&self, meeting: &Meeting, reported: &Arc<NodeMeeting>) {
        let observation = Observation { main: Arc::clone(reported), rooms: Vec::new(), polled: true };
        self.pool.registry.observe(meeting, observation);
    }
}

/// Breakout rooms that a node created, by the internal id of their parent. Rooms that a client created with
/// its own `create` have bindings of their own.
fn rooms_by_parent(report: &Report, bound: &[Arc<Meeting>]) -> HashMap<String, Vec<Arc<NodeMeeting>>> {
    // While the create of a room is pending, its internal id is the client's id.
    let own: HashSet<&str> = bound
        .iter()
        .filter(|it| it.phase() != Phase::Abandoned)
        .map(|it| it.instance().map_or(&*it.key().id, |known| &*known.internal_id))
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
        Binding, BindingId, Instance, MeetingKey, NextInstance, NodeId, Nonce, SecretId, TenantId,
    };
    use crate::state::Owner;

    fn node_meeting(create_time: i64) -> Arc<NodeMeeting> {
        Arc::new(NodeMeeting { id: "room".into(), create_time, ..NodeMeeting::default() })
    }

    /// A binding known since second 10, with the instance created at `create_time`, if given.
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
        let next = NextInstance { nonce: Nonce::random(), is_open: true, is_ambiguous: false };
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
            placed: None,
        };
        Meeting::new(binding, Owner { tenant: TenantId(1), label: "foo".parse().unwrap() }, 10.0)
    }

    #[test]
    fn verdicts() {
        use Phase::{Abandoned, Creating, Live};
        let (early, late) = (5.0, 15.0);
        let (young, old, ancient) = (5.0, 31.0, 601.0);
        for (phase, known, same, other, awaits, begun, age, verdict) in [
            (Live, Some(2), true, None, false, early, young, Verdict::Present),
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
            let reported = Reported { same: same.then_some(&it), other: other.as_ref() };
            let found = judge(&meeting(phase, known, awaits), reported, begun, age, age);
            assert_eq!(
                found, verdict,
                "{phase:?} {known:?} {reported:?} awaits {awaits} begun {begun} age {age}"
            );
        }
    }

    #[test]
    fn an_accepted_end_is_believed_from_the_next_poll_on() {
        let it = meeting(Phase::Live, Some(2), false);
        it.set_ending();
        assert_eq!(judge(&it, Reported::default(), 15.0, 1.0, 1.0), Verdict::Gone);
        assert_eq!(
            judge(&it, Reported::default(), 5.0, 1.0, 1.0),
            Verdict::Wait,
            "started before it was known"
        );
    }
}
