//! The two requests of a poll.

use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::bbb::{NodeList, Params, ParseError, parse_get_meetings};
use crate::model::Node;
use crate::nodes::{LoadError, NodeClient, NodeError};

/// The result of a successful poll.
#[derive(Debug)]
pub(super) struct PollResult {
    /// The meetings on the node.
    pub(super) list: NodeList,
    /// CPU use in units of 0.01 %, or why it is not known.
    pub(super) cpu: Result<u32, LoadError>,
}

/// Why a poll failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PollError {
    /// The node did not answer.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// It answered with an error status.
    #[error("HTTP status {0}")]
    Status(u16),
    /// It did not answer like BBB.
    #[error(transparent)]
    Answer(#[from] ParseError),
}

/// Maximum size of a list that is parsed quickly enough to not block others, in bytes.
const SMALL_LIST: usize = 64 * 1024;
/// Limits the number of large lists parsed at once, so that nodes cannot exhaust the memory together.
static LARGE_LISTS: Semaphore = Semaphore::const_new(4);

/// Parses a list; a large one off the async workers.
async fn read_list(body: Bytes) -> Result<NodeList, ParseError> {
    if body.len() <= SMALL_LIST {
        return parse_get_meetings(&body);
    }
    let _permit = LARGE_LISTS.acquire().await;
    let read = tokio::task::spawn_blocking(move || parse_get_meetings(&body));
    read.await.unwrap_or(Err(ParseError::Malformed))
}

/// Requests a node's meetings and CPU use. Only the meetings determine whether the poll succeeds.
pub(super) async fn ask(nodes: &NodeClient, node: &Node) -> Result<PollResult, PollError> {
    let no_params = Params::default();
    let (meetings, cpu) = tokio::join!(nodes.call(node, "getMeetings", &no_params, None), nodes.cpu(node));
    let meetings = meetings?;
    if !(200..300).contains(&meetings.status) {
        return Err(PollError::Status(meetings.status));
    }
    Ok(PollResult { list: read_list(meetings.body).await?, cpu })
}
