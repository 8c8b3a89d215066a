//! The token of BBB's analytics callback: a JWT that is signed with a secret but does not cover the body.
//!
//! Source: `record-and-playback/core/scripts/post_events/post_events_analytics_callback.rb` in BBB; RFC 7519.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Lifetime of our own tokens in seconds, the same as BBB's.
const LIFETIME: i64 = 24 * 3600;

/// The algorithm that signs a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "UPPERCASE")]
pub enum TokenAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512, which BBB uses.
    Hs512,
}

impl TokenAlgorithm {
    /// `HS512` and so on.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    fn sign(self, secret: &str, text: &[u8]) -> Option<Vec<u8>> {
        fn with<M: Mac + KeyInit>(secret: &str, text: &[u8]) -> Option<Vec<u8>> {
            let mut mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).ok()?;
            mac.update(text);
            Some(mac.finalize().into_bytes().to_vec())
        }
        match self {
            Self::Hs256 => with::<Hmac<Sha256>>(secret, text),
            Self::Hs384 => with::<Hmac<Sha384>>(secret, text),
            Self::Hs512 => with::<Hmac<Sha512>>(secret, text),
        }
    }
}

/// Verifies a token at `now` (seconds since 1970) and returns its algorithm, if it is valid.
pub fn verify_token(token: &str, secret: &str, now: i64) -> Option<TokenAlgorithm> {
    let (text, signature) = token.rsplit_once('.')?;
    let (header, claims) = text.split_once('.')?;
    let read = |part: &str| serde_json::from_slice::<Value>(&BASE64.decode(part).ok()?).ok();
    let algorithm: TokenAlgorithm = read(header)?.get("alg")?.as_str()?.parse().ok()?;
    let expected = algorithm.sign(secret, text.as_bytes())?;
    let fits: bool =
        subtle::ConstantTimeEq::ct_eq(expected.as_slice(), BASE64.decode(signature).ok()?.as_slice()).into();
    let expires = read(claims)?.get("exp").map_or(Some(i64::MAX), Value::as_i64)?;
    (fits && now < expires).then_some(algorithm)
}

/// Signs a token at `now` (seconds since 1970).
pub fn sign_token(algorithm: TokenAlgorithm, secret: &str, now: i64) -> Option<String> {
    let part = |value: Value| BASE64.encode(value.to_string());
    let text =
        format!("{}.{}", part(json!({ "alg": algorithm.as_str() })), part(json!({ "exp": now + LIFETIME })));
    let signature = algorithm.sign(secret, text.as_bytes())?;
    Some(format!("{text}.{}", BASE64.encode(signature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_23_tokens_are_checked_and_made() {
        for algorithm in TokenAlgorithm::VARIANTS.iter().copied() {
            let token = sign_token(algorithm, "key", 1_000).unwrap();
            assert_eq!(verify_token(&token, "key", 1_000), Some(algorithm));
            assert_eq!(verify_token(&token, "other", 1_000), None);
            assert_eq!(verify_token(&token, "key", 1_000 + LIFETIME), None, "it is out of date");
            assert_eq!(verify_token(&token[..token.len() - 2], "key", 1_000), None);
        }
        let unsigned = format!("{}.{}.", BASE64.encode(r#"{"alg":"none"}"#), BASE64.encode("{}"));
        for bad in ["", "a", "a.b", "a.b.c", unsigned.as_str()] {
            assert_eq!(verify_token(bad, "key", 0), None, "{bad}");
        }
    }
}
