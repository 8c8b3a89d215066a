//! Tests of the meetings of a node.

use std::time::{Duration, Instant};

use super::*;
use crate::Attendee;

fn draft(id: &str) -> MeetingState {
    MeetingState { id: id.to_owned(), name: id.to_owned(), ..MeetingState::default() }
}

fn join(world: &mut World, id: &str) {
    world.change(id, |meeting| meeting.attendees.push(Attendee::new("u", "U", false)));
}

#[test]
fn instances_are_told_apart() {
    let mut world = World::new(1, None, true);
    let mut times = Vec::new();
    for _ in 0..100 {
        let (created, meeting) = world.create(draft("m")).unwrap();
        assert_eq!(created, Created::New);
        assert_eq!(meeting.internal_id, format!("{}-{}", sha1_hex("m"), meeting.create_time));
        times.push(meeting.create_time);
        assert_eq!(world.remove("m").len(), 1);
    }
    assert!(times.is_sorted_by(|a, b| a < b));
    assert!(world.remove("m").is_empty() && world.len() == 0 && world.bridges.take("12345"));
}

#[test]
fn passwords_decide_about_a_repeat() {
    let mut world = World::new(1, None, true);
    let given = |attendee: &str, moderator: &str| MeetingState {
        attendee_pw: attendee.to_owned(),
        moderator_pw: moderator.to_owned(),
        ..draft("m")
    };
    let moderator = world.create(given("a", "")).unwrap().1.moderator_pw.clone();
    assert_eq!(moderator.len(), 8);
    assert_eq!(world.create(given("a", &moderator)).unwrap().0, Created::Duplicate);
    assert_eq!(world.create(given("", "")).unwrap().0, Created::Duplicate);
    assert_eq!(world.create(given("a", "")).unwrap_err(), Refused::IdNotUnique, "one of two is not enough");
    assert_eq!(world.create(given("b", "")).unwrap_err(), Refused::IdNotUnique);
    assert_eq!(world.create(given("a", "m")).unwrap_err(), Refused::IdNotUnique);
    let bridge = world.get("m").unwrap().voice_bridge.clone();
    let other = MeetingState { voice_bridge: bridge, ..draft("n") };
    assert_eq!(world.create(other).unwrap_err(), Refused::VoiceBridgeInUse);
}

#[test]
fn breakout_rooms_belong_to_their_parent() {
    let mut world = World::new(1, None, true);
    world.create(draft("p")).unwrap();
    let rooms: Vec<String> = (0..3).map(|_| world.open_breakout("p").unwrap()).collect();
    assert_eq!(world.get("p").unwrap().breakout_rooms, rooms);
    let first = world.get(&rooms[0]).unwrap().breakout.clone().unwrap();
    assert_eq!((first.sequence, first.parent_internal_id), (1, world.get("p").unwrap().internal_id.clone()));
    world.remove(&rooms[1]);
    assert_eq!(world.get("p").unwrap().breakout_rooms.len(), 2);
    assert_eq!((world.remove("p").len(), world.len(), world.open_breakout("p")), (3, 0, None));
}

#[test]
fn a_prefix_of_an_internal_id_is_looked_up_first() {
    let mut world = World::new(1, None, true);
    let staff = world.create(draft("staff-room")).unwrap().1.internal_id.clone();
    for id in [&staff[..2], &staff[..8], &staff[..40], &staff, "staff-room"] {
        assert_eq!(world.find(id), Some(staff.as_str()), "{id}");
    }
    let short = world.create(draft(&staff[..2])).unwrap();
    assert_eq!(short.0, Created::New, "create looks for the hash of the id only");
    let short = short.1.internal_id.clone();
    assert_eq!(
        world.find(&staff[..2]),
        Some(staff.as_str()),
        "the short one is reached by its internal id only"
    );
    assert_eq!(world.find(&short), Some(short.as_str()));
    assert_eq!(world.find("nobody"), None);
}

#[test]
fn an_old_node_knows_external_ids_only() {
    let mut world = World::new(1, None, false);
    let staff = world.create(draft("staff-room")).unwrap().1.internal_id.clone();
    assert_eq!((world.find(&staff), world.find(&staff[..2])), (None, None));
    assert_eq!(world.find("staff-room"), Some(staff.as_str()));
    assert_eq!(world.open_breakout("staff-room").map(|_| world.len()), Some(2));
}

#[test]
fn a_breakout_room_made_by_a_client_overwrites_what_has_its_id() {
    let mut world = World::new(1, None, true);
    let victim = world.create(draft("victim")).unwrap().1.internal_id.clone();
    world.create(draft("own")).unwrap();
    let breakout = |id: &str| MeetingState {
        breakout: Some(Breakout {
            parent_id: "own".to_owned(),
            parent_internal_id: String::new(),
            sequence: 1,
            free_join: false,
        }),
        ..draft(id)
    };
    let room = world.create(breakout(&victim)).unwrap().1;
    assert_eq!(room.internal_id, victim);
    assert_ne!(room.id, victim, "the external id is made of the parent's");
    assert!(world.all().all(|meeting| meeting.id != "victim"));
    assert_eq!(world.create(breakout("plain")).unwrap().1.internal_id, "plain");
}

#[test]
fn only_empty_meetings_expire() {
    let hour = Duration::from_hours(1);
    let mut world = World::new(1, Some(hour), true);
    for id in ["empty", "joined", "left"] {
        world.create(draft(id)).unwrap();
    }
    join(&mut world, "joined");
    join(&mut world, "left");
    assert!(world.take_expired(Instant::now()).is_empty());
    assert!(world.next_deadline().is_some());
    // The one that is left now waits an hour from now on.
    let later = Instant::now() + hour.saturating_sub(Duration::from_nanos(1));
    world.change("left", |meeting| meeting.attendees.clear());
    let ids = |meetings: Vec<MeetingState>| meetings.into_iter().map(|m| m.id).collect::<Vec<_>>();
    assert_eq!(ids(world.take_expired(later)), ["empty"]);
    assert_eq!(ids(world.take_expired(later + hour)), ["left"]);
    assert_eq!((world.len(), world.next_deadline()), (1, None));
}

#[test]
fn the_listing_follows_every_change() {
    let mut world = World::new(1, None, true);
    let text = |world: &mut World| String::from_utf8(world.listing().to_vec()).unwrap();
    assert!(text(&mut world).contains("<meetings/>\n<messageKey>noMeetings"));
    world.create(draft("a & b")).unwrap();
    assert!(text(&mut world).contains("<meetingID>a &amp; b</meetingID>"));
    join(&mut world, "a & b");
    let joined = text(&mut world);
    assert!(joined.contains("<running>true</running>") && joined.contains("<participantCount>1<"));
    assert!(joined.contains("<x-vendor-extension a=\"1\">keep &amp; me</x-vendor-extension>"));
    assert_eq!(world.listing().as_ptr(), world.listing().as_ptr());
    world.clear();
    assert!(text(&mut world).contains("noMeetings"));
}
