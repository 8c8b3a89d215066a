//! The two requests of a poll.

use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::bbb::{NodeList, Params, ParseError, parse_get_meetings};
use crate::model::Node;
use crate::nodes::{LoadError, NodeClient, NodeError};

/// What a good poll brings.
#[derive(Debug)]
pub(super) struct PollResult {
    /// All meetings on the node.
    pub(super) list: NodeList,
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

/// Bytes of a list that are read so fast that nobody waits for it.
const SMALL_LIST: usize = 64 * 1024;
/// Large lists that are read at a time, so that nodes that send too much cannot fill the memory together.
static LARGE_LISTS: Semaphore = Semaphore::const_new(4);

/// Reads a list; a large one off the threads that serve requests.
async fn read_list(body: Bytes) -> Result<NodeList, ParseError> {
    if body.len() <= SMALL_LIST {
        return parse_get_meetings(&body);
    }
    let _permit = LARGE_LISTS.acquire().await;
    let read = tokio::task::spawn_blocking(move || parse_get_meetings(&body));
    read.await.unwrap_or(Err(ParseError::Malformed))
}

/// Asks a node for its meetings and its CPU use. Only the meetings decide whether the poll is good.
pub(super) async fn ask(nodes: &NodeClient, node: &Node) -> Result<PollResult, PollError> {
    let no_params = Params::default();
    let (meetings, cpu) = tokio::join!(nodes.call(node, "getMeetings", &no_params, None), nodes.cpu(node));
    let meetings = meetings?;
    if !(200..300).contains(&meetings.status) {
        return Err(PollError::Status(meetings.status));
    }
    Ok(PollResult { list: read_list(meetings.body).await?, cpu })
}
