//! A signed note in a meeting's metadata that says whose it is, so that it can be bound again without the database.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{Nonce, SecretKey, TenantLabel};

/// Longer URLs are left out, so that creates stay short.
const MAX_URL: usize = 1024;
/// Keeps signatures apart from those of other texts with the same key.
const PURPOSE: &[u8] = b"b3lb-marker";

/// Who owns a meeting, and what to do at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The owner.
    pub label: TenantLabel,
    /// Identifies the instance in the node's callbacks.
    pub nonce: Nonce,
    /// The client's own `meetingEndedURL`.
    pub ended_url: Option<String>,
    /// The client's own `meta_analytics-callback-url`.
    pub analytics_url: Option<String>,
}

/// What is written; the names are short because nodes send it with every poll.
#[derive(Serialize, Deserialize)]
struct Payload {
    s: String,
    n: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    a: Option<String>,
}

impl Marker {
    /// The text for the meeting with this id, on a node with this key.
    pub fn write(&self, id: &str, key: &SecretKey) -> Option<String> {
        let short = |url: &Option<String>| url.clone().filter(|it| it.len() <= MAX_URL);
        let payload = Payload {
            s: self.label.to_string(),
            n: BASE64.encode(self.nonce.as_bytes()),
            e: short(&self.ended_url),
            a: short(&self.analytics_url),
        };
        let payload = BASE64.encode(serde_json::to_string(&payload).ok()?);
        let signature = signature(&payload, id, key)?.finalize().into_bytes();
        Some(format!("{payload}.{}", BASE64.encode(signature)))
    }

    /// Reads the text of the meeting with this id, if it was written for a node with this key.
    pub fn read(text: &str, id: &str, key: &SecretKey) -> Option<Self> {
        let (payload, given) = text.split_once('.')?;
        signature(payload, id, key)?.verify_slice(&BASE64.decode(given).ok()?).ok()?;
        let Payload { s, n, e, a } = serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()?;
        let nonce = Nonce::from_bytes(&BASE64.decode(n).ok()?)?;
        Some(Self { label: s.parse().ok()?, nonce, ended_url: e, analytics_url: a })
    }
}

fn signature(payload: &str, id: &str, key: &SecretKey) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.reveal().as_bytes()).ok()?;
    for part in [PURPOSE, payload.as_bytes(), id.as_bytes()] {
        mac.update(part);
        mac.update(b"\n");
    }
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_for_this_meeting_and_node_is_read() {
        let (key, other) = (SecretKey::new("of the node"), SecretKey::new("of another"));
        let marker = Marker {
            label: "foo-012".parse().unwrap(),
            nonce: Nonce::random(),
            ended_url: Some("https://lms.example/ended?x=1&y=ä".into()),
            analytics_url: None,
        };
        let text = marker.write("room", &key).unwrap();
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{text}");
        assert_eq!(Marker::read(&text, "room", &key), Some(marker.clone()));
        assert_eq!(Marker::read(&text, "room2", &key), None);
        assert_eq!(Marker::read(&text, "room", &other), None);
        let forged = Marker { label: "bar".parse().unwrap(), ..marker.clone() }.write("room", &key).unwrap();
        let (payload, _) = forged.split_once('.').unwrap();
        let (_, signature) = text.split_once('.').unwrap();
        assert_eq!(Marker::read(&format!("{payload}.{signature}"), "room", &key), None);
        for nonsense in ["", ".", "a.b", "é.é", &text[1..]] {
            assert_eq!(Marker::read(nonsense, "room", &key), None, "{nonsense}");
        }
    }

    #[test]
    fn long_urls_are_left_out() {
        let key = SecretKey::new("k");
        let long = Some("x".repeat(MAX_URL + 1));
        let marker = Marker {
            label: "foo".parse().unwrap(),
            nonce: Nonce::random(),
            ended_url: long,
            analytics_url: None,
        };
        let read = Marker::read(&marker.write("m", &key).unwrap(), "m", &key).unwrap();
        assert_eq!(read, Marker { ended_url: None, ..marker });
    }
}
