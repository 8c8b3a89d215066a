//! Seeded mutations of good input: the same seed gives the same sequence.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// What breaks parsers of XML and of queries.
const WORDS: [&[u8]; 58] = [
    "\u{feff}".as_bytes(),
    "\u{fffe}".as_bytes(),
    "\u{ffff}".as_bytes(),
    "\u{85}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{1f600}".as_bytes(),
    "\u{e4}".as_bytes(),
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\0",
    b"\x01",
    b"\x1b[31m",
    b"\r\n",
    b"\t",
    b" ",
    b"&",
    b"&amp;",
    b"&nbsp;",
    b"&#1;",
    b"&#x41;",
    b"&#xffff;",
    b"&#+65;",
    b"&#9999999999;",
    b"<",
    b">",
    b"/>",
    b"/",
    b"'",
    b"\"",
    b"=",
    b"<![CDATA[",
    b"<![CDATA[]]>",
    b"]]>",
    b"<!--",
    b"-->",
    b"<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
    b"<?x",
    b"?>",
    b"<!DOCTYPE r [<!ENTITY b \"c\">]>",
    b"&b;",
    b" a='1' a='2'",
    b" xmlns='u'",
    b" xmlns:p='u'",
    b"p:",
    b"xml:",
    b"<show chat>yes</show chat>",
    b"<2fa>x</2fa>",
    b"<meeting>",
    b"</meeting>",
    b"<meetings>",
    b"</meetings>",
    b"</response>",
    b"checksum=",
    b"%",
    b"%00",
    b"%ef%bf%be",
    b"+",
];
const NUMBERS: [&str; 10] =
    ["0", "-1", "1,202", "1.202", "10000", "10001", "4294967296", "9223372036854775808", "1e999", "NaN"];
/// Input does not grow beyond this.
const MAX_SIZE: usize = 64 * 1024;

/// Makes hostile input of good one.
#[derive(Debug)]
pub struct Mutator {
    rng: StdRng,
    seeds: Vec<Vec<u8>>,
}

impl Mutator {
    /// A mutator of these inputs, of which there must be one at least.
    pub fn new(seed: u64, seeds: Vec<Vec<u8>>) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), seeds }
    }

    /// A mutation of one of the inputs.
    pub fn input(&mut self) -> Vec<u8> {
        let seed = self.rng.random_range(0..self.seeds.len());
        self.mutation_of(&self.seeds[seed].clone())
    }

    /// A mutation of `input`.
    pub fn mutation_of(&mut self, input: &[u8]) -> Vec<u8> {
        let mut bytes = input.to_vec();
        // Most with few changes: what has many fails at the first of them.
        let changes = [1, 1, 1, 2, 2, 3, 5, 9][self.rng.random_range(0..8)];
        for _ in 0..changes {
            self.change(&mut bytes);
            bytes.truncate(MAX_SIZE);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.rng.random_range(0..=bytes.len());
        let end = (at + self.rng.random_range(1..40)).min(bytes.len());
        let word = WORDS[self.rng.random_range(0..WORDS.len())];
        match self.rng.random_range(0..15) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.rng.random_range(0..8),
            1 if at < bytes.len() => bytes[at] = self.rng.random(),
            2 => drop(bytes.splice(at..end, [])),
            3 => {
                let part = bytes[at..end].to_vec();
                let place = self.rng.random_range(0..=bytes.len());
                bytes.splice(place..place, part);
            }
            4 => drop(bytes.splice(at..end, word.iter().copied())),
            5 => bytes.truncate(at),
            6 => cut_tag(bytes, at),
            7 => {
                let other = &self.seeds[self.rng.random_range(0..self.seeds.len())];
                let tail = &other[self.rng.random_range(0..=other.len())..];
                bytes.truncate(at);
                bytes.extend_from_slice(tail);
            }
            8 => self.nest(bytes, at),
            9 | 10 => self.replace_number(bytes, at),
            11 => {
                // Between two elements or in a text, rather than within a tag.
                let place = bytes[at..].iter().position(|it| *it == b'>').map_or(at, |it| at + it + 1);
                bytes.splice(place..place, word.iter().copied());
            }
            _ => drop(bytes.splice(at..at, word.iter().copied())),
        }
    }

    fn nest(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let depth = self.rng.random_range(1..200);
        let closed = if self.rng.random_bool(0.7) { depth } else { 0 };
        let place = bytes[at..].iter().position(|it| *it == b'<').map_or(at, |it| at + it);
        bytes.splice(place..place, [b"<a>".repeat(depth), b"</a>".repeat(closed)].concat());
    }

    fn replace_number(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|it| at + it) else { return };
        let digits = bytes[start..].iter().take_while(|it| it.is_ascii_digit()).count();
        let number = NUMBERS[self.rng.random_range(0..NUMBERS.len())];
        bytes.splice(start..start + digits, number.bytes());
    }
}

fn cut_tag(bytes: &mut Vec<u8>, at: usize) {
    let Some(start) = bytes[at..].iter().position(|it| *it == b'<').map(|it| at + it) else { return };
    let end = bytes[start..].iter().position(|it| *it == b'>').map_or(bytes.len(), |it| start + it + 1);
    bytes.splice(start..end, []);
}
