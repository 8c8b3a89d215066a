//! Looking at and changing the meetings of a node from outside its API.

use crate::{Attendee, Counts, MeetingState, SimNode};

impl SimNode {
    /// All meetings, in the order they were made.
    pub fn meetings(&self) -> Vec<MeetingState> {
        self.shared().world.lock().all().cloned().collect()
    }

    /// A meeting, by its external or its internal id.
    pub fn meeting(&self, id: &str) -> Option<MeetingState> {
        self.shared().world.lock().get(id).cloned()
    }

    /// How many meetings of an external id there have been, those that live included.
    pub fn made(&self, id: &str) -> usize {
        self.shared().world.lock().made(id)
    }

    /// How many meetings there are.
    pub fn meeting_count(&self) -> usize {
        self.shared().world.lock().len()
    }

    /// How many attendees there are in all meetings.
    pub fn attendee_count(&self) -> usize {
        self.shared().world.lock().all().map(|meeting| meeting.attendees.len()).sum()
    }

    /// A meeting made on the node itself; if the id lives already, that meeting.
    pub fn insert_meeting(&self, id: &str, name: &str) -> MeetingState {
        let draft = MeetingState { id: id.to_owned(), name: name.to_owned(), ..MeetingState::default() };
        let created = self.shared().world.lock().create(draft).map(|(_, meeting)| meeting.clone());
        self.shared().touched();
        // A draft without passwords, bridge and parent cannot be refused.
        created.unwrap_or_default()
    }

    /// Makes many meetings with attendees at once; their ids are `{prefix}-0`, `{prefix}-1`…
    pub fn preload(&self, prefix: &str, meetings: usize, attendees: usize) -> Vec<String> {
        let ids: Vec<String> = (0..meetings).map(|number| format!("{prefix}-{number}")).collect();
        for id in &ids {
            self.insert_meeting(id, id);
            self.set_attendees(id, attendees);
        }
        ids
    }

    /// Changes a meeting at will, but not its id, instance and voice bridge. False if there
    /// is none.
    pub fn update_meeting(&self, id: &str, change: impl FnOnce(&mut MeetingState)) -> bool {
        let found = self.shared().world.lock().change(id, change).is_some();
        self.shared().touched();
        found
    }

    /// Makes attendees come, or the newest ones leave, until there are this many. The first
    /// of a meeting is a moderator; every second has a microphone, every fourth a camera, the
    /// others only listen.
    pub fn set_attendees(&self, id: &str, count: usize) -> bool {
        self.update_meeting(id, |meeting| {
            meeting.attendees.truncate(count);
            for number in meeting.attendees.len()..count {
                let moderator = number == 0;
                let attendee = Attendee {
                    presenter: moderator,
                    voice: number % 2 == 0,
                    video: number % 4 == 0,
                    listening_only: number % 2 == 1,
                    ..Attendee::new(&format!("w_{number:012}"), &format!("Attendee {number}"), moderator)
                };
                meeting.attendees.push(attendee);
            }
        })
    }

    /// Makes a meeting tell these numbers, whoever is in it; `None`: the right ones again. False if there is
    /// no such meeting.
    pub fn claim(&self, id: &str, counts: Option<Counts>) -> bool {
        self.update_meeting(id, |meeting| meeting.claimed = counts)
    }

    /// Opens breakout rooms of a meeting, as a moderator in it does; their ids. None if the
    /// parent is unknown.
    pub fn open_breakouts(&self, parent: &str, n: usize) -> Vec<String> {
        let mut world = self.shared().world.lock();
        let rooms = (0..n).filter_map(|_| world.open_breakout(parent)).collect();
        drop(world);
        self.shared().touched();
        rooms
    }

    /// Ends a meeting and its breakout rooms, with the callbacks. False if there is none.
    pub fn end_meeting(&self, id: &str) -> bool {
        self.shared().end(id)
    }

    /// Posts what is known of a meeting to its `meta_analytics-callback-url`, as the node does by itself at the end
    /// of meetings whose events are kept. False if there is no such meeting or URL.
    pub fn send_analytics(&self, id: &str) -> bool {
        self.shared().send_analytics(id)
    }

    /// Drops a meeting and its breakout rooms without callbacks. False if there is none.
    pub fn forget_meeting(&self, id: &str) -> bool {
        let found = !self.shared().world.lock().remove(id).is_empty();
        self.shared().touched();
        found
    }

    /// Drops all meetings without callbacks, as a crash and restart of the node does.
    pub fn forget_all(&self) {
        self.shared().world.lock().clear();
        self.shared().touched();
    }
}
