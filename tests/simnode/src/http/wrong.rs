//! Answers that are wrong in what they say.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::Reply;
use crate::fault::IllFormed;

/// Leaves out the closing tag next after the middle, or the last one before it.
pub(super) fn without_a_closing_tag(reply: Reply) -> Reply {
    let body = &reply.body;
    let starts = |at: &usize| body[*at..].starts_with(b"</");
    let middle = body.len() / 2;
    let found = (middle..body.len()).find(starts).or_else(|| (0..middle).rev().find(starts));
    let Some(start) = found else { return reply };
    let end = body[start..].iter().position(|&byte| byte == b'>').map_or(body.len(), |at| start + at + 1);
    let body = [&body[..start], &body[end..]].concat().into();
    Reply { body, ..reply }
}

pub(super) fn with_byte_order_mark(reply: Reply) -> Reply {
    let body = ["\u{feff}".as_bytes(), &reply.body].concat().into();
    Reply { body, ..reply }
}

/// Puts an element with the flaw behind the first meeting's id.
pub(super) fn ill_formed(reply: Reply, flaw: IllFormed) -> Reply {
    insert(reply, b"</meetingID>", flaw.element().as_bytes())
}

/// Adds an element of `size` bytes.
pub(super) fn bulky(reply: Reply, size: usize) -> Reply {
    let element = format!("<bulk>{}</bulk>", "x".repeat(size.saturating_sub("<bulk></bulk>".len())));
    insert(reply, b"</returncode>", element.as_bytes())
}

fn insert(reply: Reply, behind: &[u8], what: &[u8]) -> Reply {
    let found = reply.body.windows(behind.len()).position(|window| window == behind);
    let Some(at) = found.map(|at| at + behind.len()) else { return reply };
    let body = [&reply.body[..at], what, &reply.body[at..]].concat().into();
    Reply { body, ..reply }
}

/// A refusal in which nothing is escaped.
pub(super) fn refusal(key: &str, message: &str) -> Reply {
    let body = format!(
        "<response>\n<returncode>FAILED</returncode>\n<messageKey>{key}</messageKey>\n\
         <message>{message}</message>\n</response>\n"
    );
    Reply::xml(body)
}

/// A packed list of empty meetings; an empty body if packing fails.
pub(super) fn gzip_bomb(meetings: usize) -> Reply {
    /// Meetings packed at once.
    const AT_ONCE: usize = 4_096;
    let meeting = b"<meeting/>".repeat(AT_ONCE);
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let pack = |packer: &mut GzEncoder<Vec<u8>>| {
        packer.write_all(b"<response>\n<returncode>SUCCESS</returncode>\n<meetings>")?;
        let mut missing = meetings;
        while missing > 0 {
            let count = missing.min(AT_ONCE);
            packer.write_all(&meeting[..count * "<meeting/>".len()])?;
            missing -= count;
        }
        packer.write_all(b"</meetings>\n</response>\n")
    };
    let packed = pack(&mut packer).and_then(|()| packer.finish()).unwrap_or_default();
    Reply::xml(Bytes::from(packed)).with("Content-Encoding", "gzip".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_closing_tag_is_missing() {
        let without = |body: &'static [u8]| without_a_closing_tag(Reply::xml(body)).body;
        assert_eq!(without(b"<a><b>1</b><b>2</b></a>"), "<a><b>1</b><b>2</a>");
        assert_eq!(without(b"<a>1</a>......................"), "<a>1......................");
        assert_eq!(without(b"42"), "42");
    }

    #[test]
    fn bombs_are_small() {
        let bomb = gzip_bomb(1_000_000).body;
        assert!(bomb.len() < 20_000, "{}", bomb.len());
    }
}
