//! A signed note in a meeting's metadata that says whose it is, so that it can be bound again without the database.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Nonce, SecretKey, TenantLabel};

/// Longer URLs are left out, so that creates stay short.
const MAX_URL: usize = 1024;
/// Keeps codes apart from those of other texts with the same key.
const PURPOSE: &[u8] = b"b3lb-marker";

/// Who owns a meeting, and what to do at its end.
///
/// Written as `LABEL.NONCE.ENDED_URL.ANALYTICS_URL.CODE`, all but the label in base64: short, because nodes send
/// it with every poll.
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

/// Length of the authentication code in bytes; RFC 2104 (section 5) recommends at least half of the hash.
const CODE: usize = 16;

impl Marker {
    /// The text for the meeting with this id, on a node with this key.
    pub fn write(&self, id: &str, key: &SecretKey) -> Option<String> {
        let url = |url: &Option<String>| match url {
            Some(url) if url.len() <= MAX_URL => BASE64.encode(url),
            _ => String::new(),
        };
        let nonce = BASE64.encode(self.nonce.as_bytes());
        let payload = format!("{}.{nonce}.{}.{}", self.label, url(&self.ended_url), url(&self.analytics_url));
        let code = mac(&payload, id, key)?.finalize().into_bytes();
        Some(format!("{payload}.{}", BASE64.encode(code.get(..CODE)?)))
    }

    /// Reads the text of the meeting with this id, if it was written for a node with this key.
    pub fn read(text: &str, id: &str, key: &SecretKey) -> Option<Self> {
        let (payload, code) = text.rsplit_once('.')?;
        let code = BASE64.decode(code).ok().filter(|it| it.len() == CODE)?;
        mac(payload, id, key)?.verify_truncated_left(&code).ok()?;
        let mut fields = payload.split('.');
        let (label, nonce) = (fields.next()?, BASE64.decode(fields.next()?).ok()?);
        let mut url = || String::from_utf8(BASE64.decode(fields.next()?).ok()?).ok();
        let (ended_url, analytics_url) = (url()?, url()?);
        let filled = |url: String| Some(url).filter(|it| !it.is_empty());
        Some(Self {
            label: label.parse().ok()?,
            nonce: Nonce::from_bytes(&nonce)?,
            ended_url: filled(ended_url),
            analytics_url: filled(analytics_url),
        })
    }
}

fn mac(payload: &str, id: &str, key: &SecretKey) -> Option<Hmac<Sha256>> {
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
        let (payload, _) = forged.rsplit_once('.').unwrap();
        let (_, code) = text.rsplit_once('.').unwrap();
        for code in [code, "", &code[..11]] {
            assert_eq!(Marker::read(&format!("{payload}.{code}"), "room", &key), None);
        }
        let (payload, code) = text.rsplit_once('.').unwrap();
        assert_eq!(Marker::read(&format!("{payload}.{}", &code[..11]), "room", &key), None);
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
