//! The two requests of a poll.

use crate::bbb::{NodeMeeting, Params, ParseError, parse_get_meetings};
use crate::model::Node;
use crate::nodes::{LoadError, NodeClient, NodeError};

/// What a good poll brings.
#[derive(Debug)]
pub(super) struct Seen {
    /// All meetings on the node.
    pub(super) meetings: Vec<NodeMeeting>,
    /// CPU use on the base 10,000, or why there is no figure.
    pub(super) cpu: Result<u32, LoadError>,
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
    let (meetings, cpu) = tokio::join!(nodes.call(node, "getMeetings", &no_params, None), nodes.cpu(node));
    let meetings = meetings?;
    if !(200..300).contains(&meetings.status) {
        return Err(PollError::Status(meetings.status));
    }
    Ok(Seen { meetings: parse_get_meetings(&meetings.body)?, cpu })
}
