//! Meetings in XML, in the order of BBB's templates.

use bytes::Bytes;
use jiff::Timestamp;

use crate::meeting::{Attendee, MeetingState};
use crate::xml;

/// An element that nobody knows, as a newer BBB may send one.
const UNKNOWN_ELEMENT: &str = "<x-vendor-extension a=\"1\">keep &amp; me</x-vendor-extension>\n";

/// Creation time as BBB writes it: `Mon Jul 09 17:03:29 UTC 2018`.
pub(crate) fn create_date(create_time: u64) -> String {
    let millis = i64::try_from(create_time).unwrap_or_default();
    let time = Timestamp::from_millisecond(millis).unwrap_or_default();
    time.strftime("%a %b %d %H:%M:%S UTC %Y").to_string()
}

/// The answer to `getMeetings` out of the elements of each meeting.
pub(crate) fn listing(meetings: impl Iterator<Item = Bytes>) -> Bytes {
    let mut out = b"<response>\n<returncode>SUCCESS</returncode>\n".to_vec();
    let before = out.len();
    for elements in meetings {
        out.extend_from_slice(if out.len() == before { b"<meetings>\n<meeting>\n" } else { b"<meeting>\n" });
        out.extend_from_slice(&elements);
        out.extend_from_slice(b"</meeting>\n");
    }
    if out.len() == before {
        out.extend_from_slice(
            b"<meetings/>\n<messageKey>noMeetings</messageKey>\n\
              <message>no meetings were found on this server</message>\n",
        );
    } else {
        out.extend_from_slice(b"</meetings>\n");
    }
    out.extend_from_slice(b"</response>\n");
    out.into()
}

/// All elements of a meeting; counts with commas, if they are to be grouped.
pub(crate) fn elements(meeting: &MeetingState, grouped: bool) -> Bytes {
    let mut out = String::with_capacity(1_200 + 300 * meeting.attendees.len());
    let counts = meeting.counts();
    let number = |number: u64| if grouped { grouped_number(number) } else { number.to_string() };
    xml::element(&mut out, "meetingName", &meeting.name);
    xml::element(&mut out, "meetingID", &meeting.id);
    xml::element(&mut out, "internalMeetingID", &meeting.internal_id);
    xml::number(&mut out, "createTime", meeting.create_time);
    xml::element(&mut out, "createDate", &create_date(meeting.create_time));
    xml::element(&mut out, "voiceBridge", &meeting.voice_bridge);
    xml::element(&mut out, "dialNumber", &meeting.dial_number);
    xml::element(&mut out, "attendeePW", &meeting.attendee_pw);
    xml::element(&mut out, "moderatorPW", &meeting.moderator_pw);
    xml::boolean(&mut out, "running", meeting.running());
    xml::number(&mut out, "duration", meeting.duration);
    xml::boolean(&mut out, "hasUserJoined", meeting.has_user_joined);
    xml::boolean(&mut out, "recording", meeting.recording);
    xml::boolean(&mut out, "hasBeenForciblyEnded", false);
    xml::number(&mut out, "startTime", meeting.create_time);
    xml::number(&mut out, "endTime", 0);
    xml::element(&mut out, "participantCount", &number(counts.participants));
    xml::element(&mut out, "listenerCount", &number(counts.listeners));
    xml::element(&mut out, "voiceParticipantCount", &number(counts.voices));
    xml::element(&mut out, "videoCount", &number(counts.videos));
    xml::element(&mut out, "maxUsers", &number(meeting.max_users));
    xml::element(&mut out, "moderatorCount", &number(counts.moderators));
    xml::open(&mut out, "attendees");
    for one in &meeting.attendees {
        attendee(&mut out, one);
    }
    xml::close(&mut out, "attendees");
    pairs(&mut out, "metadata", &meeting.metadata);
    xml::boolean(&mut out, "isBreakout", meeting.breakout.is_some());
    if let Some(breakout) = &meeting.breakout {
        xml::element(&mut out, "parentMeetingID", &breakout.parent_internal_id);
        xml::element(&mut out, "sequence", &number(breakout.sequence));
        xml::boolean(&mut out, "freeJoin", breakout.free_join);
    }
    if !meeting.breakout_rooms.is_empty() {
        xml::open(&mut out, "breakoutRooms");
        for room in &meeting.breakout_rooms {
            xml::element(&mut out, "breakout", room);
        }
        xml::close(&mut out, "breakoutRooms");
    }
    out.push_str(UNKNOWN_ELEMENT);
    out.into()
}

/// A number as Java writes it for people in English.
fn grouped_number(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn attendee(out: &mut String, attendee: &Attendee) {
    xml::open(out, "attendee");
    xml::element(out, "userID", &attendee.user_id);
    xml::element(out, "fullName", &attendee.name);
    xml::element(out, "role", if attendee.moderator { "MODERATOR" } else { "VIEWER" });
    xml::boolean(out, "isPresenter", attendee.presenter);
    xml::boolean(out, "isListeningOnly", attendee.listening_only);
    xml::boolean(out, "hasJoinedVoice", attendee.voice);
    xml::boolean(out, "hasVideo", attendee.video);
    xml::element(out, "clientType", "HTML5");
    // The element is there only for attendees with custom data.
    if !attendee.custom_data.is_empty() {
        pairs(out, "customdata", &attendee.custom_data);
    }
    xml::close(out, "attendee");
}

/// Pairs as elements. Names are written without a check, as in BBB's templates
/// (`bigbluebutton-web/src/main/webapp/WEB-INF/freemarker/get-meetings.ftlx` and `get-meeting-info.ftlx`):
/// one that is no XML name makes the whole answer no XML.
fn pairs(out: &mut String, name: &str, pairs: &[(String, String)]) {
    xml::open(out, name);
    for (key, value) in pairs {
        xml::element(out, key, value);
    }
    xml::close(out, name);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_groups() {
        let numbers = [0, 999, 1_202, 123_456, 4_294_967_295].map(grouped_number);
        assert_eq!(numbers, ["0", "999", "1,202", "123,456", "4,294,967,295"]);
    }

    #[test]
    fn dates() {
        assert_eq!(create_date(1_531_155_809_613), "Mon Jul 09 17:03:29 UTC 2018");
    }
}
