//! The `<meeting>` element of a meeting that no poll has seen yet.

use bytes::Bytes;

use super::marker_xml::{ELEMENT, PARAMETER};
use super::reply::push_element;
use super::{NodeMeeting, Params, ParseError, flat_response};

/// A meeting that a `create` just made, built from its answer and the parameters sent to look like the node's
/// own report, so that `getMeetings` includes it at once.
pub fn fragment_of_new_meeting(answer: &[u8], sent: &Params) -> Result<NodeMeeting, ParseError> {
    let children = flat_response(answer)?;
    let get = |name: &str| {
        children.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let name = sent.get("name").unwrap_or_default();
    let mut metadata: Vec<(String, &str)> = Vec::new();
    for (key, value) in sent.iter() {
        let Some(key) = key.strip_prefix("meta_").map(str::to_ascii_lowercase) else { continue };
        if is_metadata_name(&key) && key != ELEMENT && metadata.iter().all(|(known, _)| *known != key) {
            metadata.push((key, value));
        }
    }
    let is_breakout = sent.get("isBreakout").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let mut xml = String::from("<meeting>");
    let mut element = |name: &str, value: &str| push_element(&mut xml, name, value);
    element("meetingName", name);
    for name in ["meetingID", "internalMeetingID", "createTime", "createDate", "voiceBridge", "dialNumber"] {
        element(name, get(name));
    }
    element("attendeePW", get("attendeePW"));
    element("moderatorPW", get("moderatorPW"));
    element("running", "false");
    element("duration", get("duration"));
    for (name, value) in [
        ("hasUserJoined", "false"),
        ("recording", "false"),
        ("hasBeenForciblyEnded", "false"),
        ("startTime", get("createTime")),
        ("endTime", "0"),
        ("participantCount", "0"),
        ("listenerCount", "0"),
        ("voiceParticipantCount", "0"),
        ("videoCount", "0"),
        ("maxUsers", sent.get_filled("maxParticipants").unwrap_or("0")),
        ("moderatorCount", "0"),
    ] {
        element(name, value);
    }
    xml.push_str("<attendees/><metadata>");
    for (key, value) in &metadata {
        push_element(&mut xml, key, value);
    }
    xml.push_str("</metadata>");
    push_element(&mut xml, "isBreakout", if is_breakout { "true" } else { "false" });
    if is_breakout {
        push_element(&mut xml, "parentMeetingID", get("parentMeetingID"));
        push_element(&mut xml, "sequence", sent.get_filled("sequence").unwrap_or("0"));
        let free_join = sent.get("freeJoin").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        push_element(&mut xml, "freeJoin", if free_join { "true" } else { "false" });
    }
    xml.push_str("</meeting>");
    let meta = |key: &str| {
        metadata.iter().find(|(it, _)| it == key).map(|(_, value)| (*value).to_owned()).unwrap_or_default()
    };
    Ok(NodeMeeting {
        id: get("meetingID").into(),
        internal_id: get("internalMeetingID").into(),
        name: name.to_owned(),
        create_time: get("createTime").parse().unwrap_or(0),
        parent: is_breakout.then(|| get("parentMeetingID").to_owned()),
        attendee_pw: get("attendeePW").to_owned(),
        moderator_pw: get("moderatorPW").to_owned(),
        origin: meta("bbb-origin"),
        origin_server: meta("bbb-origin-server-name"),
        marker: sent.get(PARAMETER).unwrap_or_default().to_owned(),
        fragment: Bytes::from(xml),
        ..NodeMeeting::default()
    })
}

/// BBB accepts a letter, followed by letters, digits and hyphens.
fn is_metadata_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bbb::parse_get_meetings;

    #[test]
    fn a_new_meeting_reads_like_a_polled_one() {
        let answer = b"<response><returncode>SUCCESS</returncode><meetingID>m</meetingID>\
            <internalMeetingID>i</internalMeetingID><createTime>5</createTime></response>";
        let sent = Params::parse("name=A+%26+B&meta_Bbb-Origin=x%3Cy&meta_a%20b=z".as_bytes()).unwrap();
        let meeting = fragment_of_new_meeting(answer, &sent).unwrap();
        let list = [
            b"<response><returncode>SUCCESS</returncode><meetings>",
            &meeting.fragment[..],
            b"</meetings></response>",
        ];
        let polled = parse_get_meetings(&Bytes::from(list.concat())).unwrap().meetings.remove(0);
        assert_eq!(polled, meeting);
        assert_eq!((polled.name.as_str(), polled.origin.as_str()), ("A & B", "x<y"));
    }
}
