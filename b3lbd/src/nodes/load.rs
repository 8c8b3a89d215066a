//! The load URL, which returns a node's CPU use.

use super::{NodeClient, NodeError};
use crate::model::Node;

/// Why the CPU use is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The node did not answer.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// It answered with an error status.
    #[error("HTTP status {0}")]
    Status(u16),
    /// It answered something else.
    #[error("the first line is not an integer from 0 to 10000")]
    NoFigure,
}

impl NodeClient {
    /// The CPU use that a node reports, in units of 0.01 %.
    pub async fn cpu(&self, node: &Node) -> Result<u32, LoadError> {
        let answer = self.load(node).await?;
        if !(200..300).contains(&answer.status) {
            return Err(LoadError::Status(answer.status));
        }
        parse_load(&answer.body).ok_or(LoadError::NoFigure)
    }
}

/// Parses a load answer: its first line is an integer from 0 to 10,000.
pub fn parse_load(body: &[u8]) -> Option<u32> {
    let line = body.split(|byte| *byte == b'\n').next()?;
    let figure: u32 = std::str::from_utf8(line).ok()?.trim().parse().ok()?;
    (figure <= 10_000).then_some(figure)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse_load;

    #[test]
    fn only_the_first_line_counts() {
        assert_eq!(parse_load(b"1234\nwhatever"), Some(1234));
        assert_eq!(parse_load(b" 10000 \r\n"), Some(10_000));
        for bad in ["", "10001", "-1", "12.5", "x", "\n12", "0x10"] {
            assert_eq!(parse_load(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = parse_load(&body);
        }
    }
}
