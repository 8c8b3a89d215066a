//! Random names for instances of meetings, known only to the instance's node.

use std::fmt;

/// 256 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce([u8; 32]);

impl Nonce {
    /// Generates a nonce.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// Parses the bytes from the database.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Parses the hex digits of a callback URL.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The bytes for the database.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The hex digits for the callback URL.
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(***)")
    }
}
