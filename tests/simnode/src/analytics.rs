//! The analytics callback: `record-and-playback/core/scripts/post_events/post_events_analytics_callback.rb`.
//!
//! The script runs when the events of an ended meeting have been stored. It posts JSON to the meeting's
//! `meta_analytics-callback-url`, once, whatever the answer. The token says nothing of the body: it is signed with
//! the node's secret and holds a time only.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha512;

use crate::MeetingState;

/// Seconds for which a token is good.
const LIFETIME: i64 = 24 * 3_600;

/// What is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Analytics {
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) body: String,
}

impl Analytics {
    /// What the script posts for a meeting, if it has a URL for it.
    pub(crate) fn of(meeting: &MeetingState, secret: &str) -> Option<Self> {
        let url = meeting.meta("analytics-callback-url").filter(|url| !url.is_empty())?;
        let body = payload(meeting).to_string();
        Some(Self { url: url.to_owned(), token: token(secret, Timestamp::now().as_second()), body })
    }

    /// The same at a meeting's end, if its events are stored: `meetingKeepEvents`, or a recording.
    pub(crate) fn due(meeting: &MeetingState, secret: &str) -> Option<Self> {
        let keep = meeting.param("meetingKeepEvents").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if keep || meeting.recording { Self::of(meeting, secret) } else { None }
    }
}

/// The events as the gem `bbbevents` sums them up, as far as the node knows them.
fn payload(meeting: &MeetingState) -> Value {
    let now = Timestamp::now();
    let start = i64::try_from(meeting.create_time).unwrap_or_default();
    let start = Timestamp::from_millisecond(start).unwrap_or(now);
    let duration = now.duration_since(start).as_secs();
    let mut metadata: serde_json::Map<String, Value> = meeting
        .metadata
        .iter()
        .map(|(name, value)| (name.replace('-', "_"), Value::from(value.as_str())))
        .collect();
    metadata.insert("meeting_name".to_owned(), meeting.name.as_str().into());
    metadata.insert("is_breakout".to_owned(), meeting.breakout.is_some().to_string().into());
    let attendees = meeting.attendees.iter().map(|one| {
        json!({
            "ext_user_id": one.user_id,
            "name": one.name,
            "moderator": one.moderator,
            "joins": [start.to_string()],
            "leaves": [now.to_string()],
            "duration": duration,
            "recent_talking_time": "",
            "engagement": { "chats": 0, "talks": 0, "raisehand": 0, "emojis": 0, "poll_votes": 0, "talk_time": 0 },
        })
    });
    json!({
        "version": "1.0",
        "meeting_id": meeting.id,
        "internal_meeting_id": meeting.internal_id,
        "data": {
            "metadata": metadata,
            "duration": duration,
            "start": start.to_string(),
            "finish": now.to_string(),
            "attendees": attendees.collect::<Vec<_>>(),
            "files": [],
            "polls": [],
        },
    })
}

/// A token of a secret, signed `now` (seconds since 1970).
fn token(secret: &str, now: i64) -> String {
    let claims = json!({ "exp": now + LIFETIME }).to_string();
    let signed = format!("{}.{}", BASE64.encode(r#"{"typ":"JWT","alg":"HS512"}"#), BASE64.encode(claims));
    let signature = signature(secret, &signed);
    format!("{signed}.{signature}")
}

fn signature(secret: &str, signed: &str) -> String {
    // Keys of any length are taken.
    let Ok(mut mac) = Hmac::<Sha512>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(signed.as_bytes());
    BASE64.encode(mac.finalize().into_bytes())
}

/// When a token of the analytics callback ends (seconds since 1970), if it is signed with this secret by HS512.
pub fn analytics_token_end(token: &str, secret: &str) -> Option<i64> {
    let (signed, given) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let part = |text: &str| serde_json::from_slice::<Value>(&BASE64.decode(text).ok()?).ok();
    let right = part(header)?["alg"] == "HS512" && signature(secret, signed) == given;
    if right { part(claims)?["exp"].as_i64() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_token() {
        // Made with `openssl dgst -sha512 -hmac secret`.
        let known = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJleHAiOjg2NDAwfQ.VlDPzzvWXuiNxJ5slAyiPiU-YPiFPizoLExyNde1l8bOLkdHvg5Ky05UMlTqQ7VGiwYUKGllngPi-vHCnOGt2Q";
        assert_eq!(token("secret", 0), known);
        assert_eq!(analytics_token_end(known, "secret"), Some(86_400));
        assert_eq!(analytics_token_end(known, "other"), None);
        assert_eq!(analytics_token_end("a.b.c", "secret"), None);
    }

    #[test]
    fn only_stored_events_are_posted() {
        let mut meeting = MeetingState { id: "m".to_owned(), ..MeetingState::default() };
        assert_eq!(Analytics::of(&meeting, "s"), None);
        meeting.metadata = vec![("analytics-callback-url".to_owned(), "http://x/".to_owned())];
        assert!(Analytics::of(&meeting, "s").is_some() && Analytics::due(&meeting, "s").is_none());
        meeting.params = vec![("meetingKeepEvents".to_owned(), "true".to_owned())];
        let body: Value = serde_json::from_str(&Analytics::due(&meeting, "s").unwrap().body).unwrap();
        assert_eq!((&body["meeting_id"], &body["version"]), (&"m".into(), &"1.0".into()));
        assert_eq!(body["data"]["metadata"]["analytics_callback_url"], "http://x/");
        meeting.params.clear();
        meeting.recording = true;
        assert!(Analytics::due(&meeting, "s").is_some());
    }
}
