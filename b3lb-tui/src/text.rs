//! Text for a terminal: sanitized, cut to a width, wrapped; and how figures are spelled.

use std::borrow::Cow;

use rpc_client::is_dangerous;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Removes what is dangerous to print. An escape, as in the command line, would eat into narrow columns.
pub fn clean(text: &str) -> String {
    let blank = text.chars().map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c });
    blank.filter(|c| !is_dangerous(*c)).collect()
}

/// Width of the text, in columns.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// [`width`] as ratatui counts it.
pub fn columns(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}

/// Cuts a name to at most `room` columns, in its middle, where names differ least.
pub fn cut_middle<'a>(text: &'a str, room: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    let gap = width(ellipsis);
    if room <= gap {
        return Cow::Borrowed(take(text, room));
    }
    let tail_room = (room - gap) / 2;
    let head = take(text, room - gap - tail_room);
    Cow::Owned(format!("{head}{ellipsis}{}", take_back(text, tail_room)))
}

/// Cuts a sentence to at most `room` columns, at its end.
pub fn cut_end<'a>(text: &'a str, room: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    let gap = width(ellipsis);
    if room <= gap {
        return Cow::Borrowed(take(text, room));
    }
    Cow::Owned(format!("{}{ellipsis}", take(text, room - gap)))
}

/// The longest prefix that fits into `room` columns and splits no grapheme.
fn take(text: &str, room: usize) -> &str {
    let end = fitting(text.graphemes(true), room);
    &text[..end]
}

/// The longest suffix that fits into `room` columns and splits no grapheme.
fn take_back(text: &str, room: usize) -> &str {
    let length = fitting(text.graphemes(true).rev(), room);
    &text[text.len() - length..]
}

/// Bytes of the first graphemes that together fit into `room` columns.
fn fitting<'a>(graphemes: impl Iterator<Item = &'a str>, room: usize) -> usize {
    let mut used = 0;
    let fits = |it: &&str| {
        used += width(it);
        used <= room
    };
    graphemes.take_while(fits).map(str::len).sum()
}

/// Breaks text at spaces into lines of at most `room` columns. Longer words are cut. Indentation and runs of
/// spaces stay, except where a line breaks.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let options = Options::new(room.max(2))
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::wrap(text, options).into_iter().map(Cow::into_owned).collect()
}

/// A whole number with a comma between thousands: `12,345`.
pub fn count(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number and its noun: `1 meeting`, `12 meetings`.
pub fn counted(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    if number == 1 { format!("1 {noun}") } else { format!("{} {noun}s", count(number)) }
}

/// Rounds to a whole number; negative figures become 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
pub fn round(figure: f64) -> u64 {
    figure.round().clamp(0.0, 1e15) as u64
}

/// CPU load, of which 10,000 is the full load, as a percentage: `45 %`.
pub fn percent(cpu: u32) -> String {
    format!("{} %", cpu.saturating_add(50) / 100)
}

/// Seconds in a narrow column: `7s`, `3m07s`, `2h05m`, `4d03h`.
pub fn age(seconds: i64) -> String {
    match seconds.max(0) {
        it @ 0..60 => format!("{it}s"),
        it @ 60..3600 => format!("{}m{:02}s", it / 60, it % 60),
        it @ 3600..86_400 => format!("{}h{:02}m", it / 3600, it / 60 % 60),
        it => format!("{}d{:02}h", it / 86_400, it / 3600 % 24),
    }
}

/// Seconds in a sentence: `7 s`, `3 min`, `2 h 05 min`.
pub fn duration(seconds: i64) -> String {
    match seconds.max(0) {
        it @ 0..60 => format!("{it} s"),
        it @ 60..3600 => format!("{} min", it / 60),
        it => format!("{} h {:02} min", it / 3600, it / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dangerous_characters_go() {
        assert_eq!(clean("Grüße, 世界 \\o/"), "Grüße, 世界 \\o/");
        assert_eq!(clean("a\x1b[2Jb\nc\td\u{202e}e\u{9b}f"), "a[2Jb c def");
    }

    #[test]
    fn names_are_cut_in_the_middle_by_columns() {
        assert_eq!(cut_middle("bbb-001.example.org", 19, "…"), "bbb-001.example.org");
        assert_eq!(cut_middle("bbb-001.example.org", 11, "…"), "bbb-0…e.org");
        assert_eq!(cut_middle("世界世界世界", 7, "…"), "世…界");
        assert_eq!(cut_middle("abcdef", 1, "…"), "a");
        assert_eq!(cut_middle("abcdef", 0, ".."), "");
        // A letter and its combining accent stay together.
        assert_eq!(cut_middle("e\u{301}e\u{301}e\u{301}e\u{301}", 3, "…"), "e\u{301}…e\u{301}");
    }

    #[test]
    fn no_cut_is_wider_than_its_room() {
        for text in ["Müller", "日本語テスト", "👩‍👩‍👧 family", "a\u{308}\u{308}bc"] {
            for room in 0..12 {
                assert!(width(&cut_middle(text, room, "…")) <= room, "{text} {room}");
                assert!(width(&cut_end(text, room, "..")) <= room, "{text} {room}");
            }
        }
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 5), ["abcde", "fgh", "ij"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("  a   b", 7), ["  a   b"]);
        assert_eq!(wrap("  a   b", 5), ["  a", "b"]);
        assert_eq!(wrap("世界世界", 3), ["世", "界", "世", "界"]);
    }

    #[test]
    fn figures() {
        assert_eq!([count(0_u32), count(999_u32), count(1_234_567_u32)], ["0", "999", "1,234,567"]);
        assert_eq!([age(7), age(187), age(7500), age(356_400)], ["7s", "3m07s", "2h05m", "4d03h"]);
        assert_eq!(counted(1_u32, "meeting"), "1 meeting");
        assert_eq!(percent(4550), "46 %");
    }
}
