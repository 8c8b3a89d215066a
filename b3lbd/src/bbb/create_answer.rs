//! A node's answer to `create`.

use super::{Params, ParseError, flat_answer, flat_response};

/// Bytes of an id or a password that is kept.
const MAX_VALUE: usize = 4 * 1024;
/// Bytes of an answer that is kept.
const MAX_KEPT: usize = 64 * 1024;

/// What is kept of a longer one.
const KEPT: [&str; 6] =
    ["meetingID", "internalMeetingID", "parentMeetingID", "attendeePW", "moderatorPW", "createTime"];

/// The answer to a create as it is kept for its repeats: as it is, or of one that is longer than any of BBB's what it
/// says of the meeting itself.
pub fn kept_answer(body: &[u8]) -> Vec<u8> {
    if body.len() <= MAX_KEPT {
        return body.to_vec();
    }
    let children = flat_response(body).unwrap_or_default();
    let kept = children.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let kept: Vec<_> = kept.filter(|(name, value)| KEPT.contains(name) && value.len() <= MAX_VALUE).collect();
    flat_answer("SUCCESS", &kept).into_bytes()
}

/// What a node says to a `create`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateAnswer {
    /// The meeting is there.
    Created {
        /// Milliseconds since 1970: which life of this id it is.
        create_time: i64,
        /// `internalMeetingID`.
        internal_id: String,
        /// `meetingID` as the node will show it. For a breakout room the node makes it up.
        external_id: String,
        /// The password of attendees, given or made up by the node.
        attendee_pw: String,
        /// The password of moderators, given or made up by the node.
        moderator_pw: String,
        /// It was there before.
        duplicate: bool,
    },
    /// The node does not want it.
    Refused {
        /// Why.
        key: String,
    },
}

impl CreateAnswer {
    /// Reads a node's answer.
    pub fn parse(body: &[u8]) -> Result<Self, ParseError> {
        let children = flat_response(body)?;
        let get =
            |name: &str| children.iter().find(|(it, _)| it == name).map(|(_, value)| value.trim().to_owned());
        let kept = ["internalMeetingID", "meetingID", "attendeePW", "moderatorPW"];
        if children.iter().any(|(name, value)| kept.contains(&name.as_str()) && value.len() > MAX_VALUE) {
            return Err(ParseError::NotBbb);
        }
        let key = get("messageKey").unwrap_or_default();
        match get("returncode").as_deref() {
            Some("SUCCESS") => Ok(Self::Created {
                create_time: get("createTime").and_then(|it| it.parse().ok()).ok_or(ParseError::NotBbb)?,
                internal_id: get("internalMeetingID").ok_or(ParseError::NotBbb)?,
                external_id: get("meetingID").ok_or(ParseError::NotBbb)?,
                attendee_pw: get("attendeePW").unwrap_or_default(),
                moderator_pw: get("moderatorPW").unwrap_or_default(),
                duplicate: key == "duplicateWarning",
            }),
            Some("FAILED") => Ok(Self::Refused { key }),
            _ => Err(ParseError::NotBbb),
        }
    }

    /// The first answer again, as BBB answers a repeated create: all its elements, and a warning.
    pub fn repeated(first: &[u8]) -> Result<String, ParseError> {
        let children = flat_response(first)?;
        let mut answer: Vec<(&str, &str)> = children
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !matches!(*name, "returncode" | "messageKey" | "message"))
            .collect();
        answer.push(("messageKey", "duplicateWarning"));
        answer
            .push(("message", "This conference was already in existence and may currently be in progress."));
        Ok(flat_answer("SUCCESS", &answer))
    }
}

/// Whether a repeated create has the passwords of the first: both of them, or none at all.
///
/// Source: `ApiController.create` in bigbluebutton-web.
pub fn passwords_agree(params: &Params, attendee_pw: &str, moderator_pw: &str) -> bool {
    match (params.get_filled("attendeePW"), params.get_filled("moderatorPW")) {
        (None, None) => true,
        given => given == (Some(attendee_pw), Some(moderator_pw)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"<response>\n<returncode>SUCCESS</returncode><meetingID>a &amp; b</meetingID>\
        <internalMeetingID>x-17</internalMeetingID><attendeePW>ap</attendeePW><moderatorPW>mp</moderatorPW>\
        <createTime>17</createTime><messageKey></messageKey><message/></response>";

    #[test]
    fn finding_12_answers_are_kept_up_to_a_size() {
        assert_eq!(kept_answer(ANSWER), ANSWER);
        let text = String::from_utf8(ANSWER.to_vec()).unwrap();
        let long = text.replace("<message/>", &format!("<message>{}</message>", "x".repeat(2_000_000)));
        let kept = kept_answer(long.as_bytes());
        assert!(kept.len() < 1_000, "{}", kept.len());
        assert_eq!(CreateAnswer::parse(&kept), CreateAnswer::parse(ANSWER));
        let password = text.replace(">ap<", &format!(">{}<", "x".repeat(5_000)));
        assert_eq!(CreateAnswer::parse(password.as_bytes()), Err(ParseError::NotBbb));
    }

    #[test]
    fn answers_are_read() {
        let created = CreateAnswer::Created {
            create_time: 17,
            internal_id: "x-17".into(),
            external_id: "a & b".into(),
            attendee_pw: "ap".into(),
            moderator_pw: "mp".into(),
            duplicate: false,
        };
        assert_eq!(CreateAnswer::parse(ANSWER), Ok(created));
        let refused =
            b"<response><returncode>FAILED</returncode><messageKey>idNotUnique</messageKey></response>";
        assert_eq!(CreateAnswer::parse(refused), Ok(CreateAnswer::Refused { key: "idNotUnique".into() }));
        assert!(CreateAnswer::parse(b"<html></html>").is_err());
        assert!(CreateAnswer::parse(b"<response><returncode>SUCCESS</returncode></response>").is_err());
    }

    #[test]
    fn a_repeat_carries_the_first_answer_and_a_warning() {
        let repeat = CreateAnswer::repeated(ANSWER).unwrap();
        assert!(repeat.contains("<meetingID>a &amp; b</meetingID>"), "{repeat}");
        assert!(matches!(
            CreateAnswer::parse(repeat.as_bytes()),
            Ok(CreateAnswer::Created { duplicate: true, create_time: 17, .. })
        ));
    }

    #[test]
    fn both_passwords_agree_or_none_is_given() {
        let params = |query: &str| Params::parse(query.as_bytes()).unwrap();
        assert!(passwords_agree(&params("a=b"), "ap", "mp"));
        assert!(passwords_agree(&params("attendeePW=ap&moderatorPW=mp"), "ap", "mp"));
        assert!(!passwords_agree(&params("attendeePW=ap&moderatorPW="), "ap", "mp"), "one is not enough");
        assert!(!passwords_agree(&params("attendeePW=ap&moderatorPW=other"), "ap", "mp"));
    }
}
