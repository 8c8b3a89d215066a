//! The two requests of a poll.

use crate::bbb::{NodeMeeting, Params, ParseError, parse_get_meetings};
use crate::model::Node;
use crate::nodes::{NodeAnswer, NodeClient, NodeError};

/// What a good poll brings.
#[derive(Debug)]
pub(super) struct Seen {
    /// All meetings on the node.
    pub(super) meetings: Vec<NodeMeeting>,
    /// CPU use on the base 10,000, or why there is no figure.
    pub(super) cpu: Result<u32, String>,
}

/// Why a poll failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PollError {
    /// The node does not answer.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// It answers, but with an error status.
    #[error("HTTP status {0}")]
    Status(u16),
    /// It answers, but not what BBB answers.
    #[error(transparent)]
    Answer(#[from] ParseError),
}

/// Asks a node for its meetings and its CPU use. Only the meetings decide whether the poll is good.
pub(super) async fn ask(nodes: &NodeClient, node: &Node) -> Result<Seen, PollError> {
    let no_params = Params::default();
    let (meetings, load) = tokio::join!(nodes.call(node, "getMeetings", &no_params, None), nodes.load(node));
    let meetings = meetings?;
    if !(200..300).contains(&meetings.status) {
        return Err(PollError::Status(meetings.status));
    }
    Ok(Seen { meetings: parse_get_meetings(&meetings.body)?, cpu: read_load(load) })
}

fn read_load(answer: Result<NodeAnswer, NodeError>) -> Result<u32, String> {
    let answer = answer.map_err(|error| error.to_string())?;
    if !(200..300).contains(&answer.status) {
        return Err(format!("HTTP status {}", answer.status));
    }
    parse_load(&answer.body).ok_or_else(|| "the first line is not an integer from 0 to 10000".to_owned())
}

/// The first line of a load answer: an integer from 0 to 10,000.
fn parse_load(body: &[u8]) -> Option<u32> {
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
