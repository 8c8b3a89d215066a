//! The checksum that signs a call: `hex(H(call + query without checksum + secret))`.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A hash a checksum can be made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// 40 hex digits.
    Sha1,
    /// 64 hex digits.
    Sha256,
    /// 96 hex digits.
    Sha384,
    /// 128 hex digits.
    Sha512,
}

impl Hash {
    /// All of them.
    pub const ALL: [Hash; 4] = [Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512];

    /// The hash whose hex form has this many digits.
    pub fn of_length(digits: usize) -> Option<Self> {
        match digits {
            40 => Some(Self::Sha1),
            64 => Some(Self::Sha256),
            96 => Some(Self::Sha384),
            128 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The checksum of a call in lower-case hex; `query` without any checksum parameter.
    pub fn checksum(self, call: &str, query: &str, secret: &str) -> String {
        fn digest<D: Digest>(parts: [&str; 3]) -> String {
            let mut hash = D::new();
            for part in parts {
                hash.update(part.as_bytes());
            }
            hex::encode(hash.finalize())
        }
        let parts = [call, query, secret];
        match self {
            Self::Sha1 => digest::<Sha1>(parts),
            Self::Sha256 => digest::<Sha256>(parts),
            Self::Sha384 => digest::<Sha384>(parts),
            Self::Sha512 => digest::<Sha512>(parts),
        }
    }
}

/// Takes the checksum out of a raw query; nothing else of it is touched.
pub(crate) fn split(query: &str) -> (String, Option<&str>) {
    let mut checksum = None;
    let rest: Vec<&str> = query
        .split('&')
        .filter(|pair| match pair.strip_prefix("checksum=") {
            Some(value) => {
                checksum.get_or_insert(value);
                false
            }
            None => true,
        })
        .collect();
    (rest.join("&"), checksum)
}

/// Whether a checksum is right; hex digits in any case.
pub(crate) fn verify(checksum: &str, call: &str, query: &str, secret: &str) -> bool {
    Hash::of_length(checksum.len())
        .is_some_and(|hash| hash.checksum(call, query, secret).eq_ignore_ascii_case(checksum))
}

/// Lower-case hex SHA-1 of a text, the first part of an internal meeting id.
pub(crate) fn sha1_hex(text: &str) -> String {
    hex::encode(Sha1::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_taken_out_wherever_it_stands() {
        for query in ["checksum=c&a=1&b=%20+", "a=1&checksum=c&b=%20+", "a=1&b=%20+&checksum=c"] {
            assert_eq!(split(query), ("a=1&b=%20+".to_owned(), Some("c")));
        }
        assert_eq!(split("checksum=c"), (String::new(), Some("c")));
        assert_eq!(split("a=checksum=c"), ("a=checksum=c".to_owned(), None));
    }

    #[test]
    fn known_values() {
        // The example of the API documentation.
        let query = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444";
        let secret = "639259d4-9dd8-4b25-bf01-95f9567eaf4b";
        let checksum = "1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17";
        assert!(verify(checksum, "create", query, secret));
        assert!(verify(&checksum.to_uppercase(), "create", query, secret));
        assert!(!verify(checksum, "join", query, secret));
        for (hash, digits) in Hash::ALL.into_iter().zip([40, 64, 96, 128]) {
            let checksum = hash.checksum("getMeetings", "", "s");
            assert_eq!(checksum.len(), digits);
            assert!(verify(&checksum, "getMeetings", "", "s"));
            assert!(!verify(&checksum, "getMeetings", "", "t"));
        }
        assert!(!verify("", "getMeetings", "", "s"));
    }
}
