//! `checksum = hex(H(call + query + secret))`.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};
use subtle::{Choice, ConstantTimeEq};

/// A hash algorithm of the API.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray, Display,
)]
#[strum(serialize_all = "lowercase", ascii_case_insensitive, parse_err_ty = String, parse_err_fn = unknown)]
pub enum Algorithm {
    /// 40 hex digits.
    Sha1,
    /// 64 hex digits.
    Sha256,
    /// 96 hex digits.
    Sha384,
    /// 128 hex digits.
    Sha512,
}

impl Algorithm {
    /// `sha1` and so on.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The algorithm whose checksum has `length` hex digits.
    pub fn of_length(length: usize) -> Option<Self> {
        Some(match length {
            40 => Self::Sha1,
            64 => Self::Sha256,
            96 => Self::Sha384,
            128 => Self::Sha512,
            _ => return None,
        })
    }

    /// Passes the digest of the concatenated `parts` to `with`.
    fn digest<T>(self, parts: [&[u8]; 3], with: impl FnOnce(&[u8]) -> T) -> T {
        fn hash<D: Digest, T>(parts: [&[u8]; 3], with: impl FnOnce(&[u8]) -> T) -> T {
            let mut hasher = D::new();
            for part in parts {
                hasher.update(part);
            }
            with(&hasher.finalize())
        }
        match self {
            Self::Sha1 => hash::<Sha1, T>(parts, with),
            Self::Sha256 => hash::<Sha256, T>(parts, with),
            Self::Sha384 => hash::<Sha384, T>(parts, with),
            Self::Sha512 => hash::<Sha512, T>(parts, with),
        }
    }
}

fn unknown(_: &str) -> String {
    "must be sha1, sha256, sha384 or sha512".to_owned()
}

/// The algorithms that clients may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed(Vec<Algorithm>);

impl Allowed {
    /// Allows exactly these.
    pub fn new(algorithms: Vec<Algorithm>) -> Self {
        Self(algorithms)
    }

    /// Whether the algorithm is allowed.
    pub fn contains(&self, algorithm: Algorithm) -> bool {
        self.0.contains(&algorithm)
    }

    /// All allowed algorithms.
    pub fn iter(&self) -> impl Iterator<Item = Algorithm> {
        self.0.iter().copied()
    }
}

/// The checksum of a call with this raw query.
pub fn sign(algorithm: Algorithm, call: &str, query: &[u8], key: &str) -> String {
    algorithm.digest([call.as_bytes(), query, key.as_bytes()], |digest| hex::encode(digest))
}

/// Whether `checksum` is valid for the call with one of `keys`. Always tries all keys, in constant time.
pub fn verify<'a>(
    allowed: &Allowed,
    call: &str,
    query: &[u8],
    keys: impl IntoIterator<Item = &'a str>,
    checksum: &[u8],
) -> bool {
    let Some(algorithm) = Algorithm::of_length(checksum.len()).filter(|it| allowed.contains(*it)) else {
        return false;
    };
    // Large enough for the longest digest.
    let mut room = [0; 64];
    let given = &mut room[..checksum.len() / 2];
    if hex::decode_to_slice(checksum, given).is_err() {
        return false;
    }
    let mut fits = Choice::from(0);
    for key in keys {
        fits |= algorithm.digest([call.as_bytes(), query, key.as_bytes()], |digest| digest.ct_eq(given));
    }
    fits.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "639259d4-9dd8-4b25-bf01-95f9567eaf4b";
    const QUERY: &[u8] = b"name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444";

    /// The example in BBB's API reference.
    #[test]
    fn signs_as_the_documentation_does() {
        assert_eq!(sign(Algorithm::Sha1, "create", QUERY, KEY), "1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17");
    }

    #[test]
    fn either_key_and_any_case_will_do() {
        let all = Allowed::new(Algorithm::VARIANTS.to_vec());
        for algorithm in Algorithm::VARIANTS.iter().copied() {
            let sum = sign(algorithm, "create", QUERY, KEY).to_uppercase();
            assert!(verify(&all, "create", QUERY, ["other", KEY], sum.as_bytes()));
            assert!(!verify(&all, "create", QUERY, ["other"], sum.as_bytes()));
            assert!(!verify(&all, "join", QUERY, [KEY], sum.as_bytes()));
            assert!(!verify(&Allowed::new(vec![]), "create", QUERY, [KEY], sum.as_bytes()));
        }
        assert!(!verify(&all, "create", QUERY, [KEY], b"zz"));
        assert!(!verify(&all, "create", QUERY, [KEY], &[b'z'; 40]));
    }
}
