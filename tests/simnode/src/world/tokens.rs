//! Random ids.

use rand::RngExt;
use rand::rngs::StdRng;

/// `prefix` with random small letters and digits behind it.
pub(crate) fn token(rng: &mut StdRng, prefix: &str, length: usize) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut token = String::with_capacity(prefix.len() + length);
    token.push_str(prefix);
    token.extend((0..length).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])));
    token
}
