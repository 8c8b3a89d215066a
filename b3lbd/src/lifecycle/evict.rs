//! A meeting ended by an operator's wish.

use crate::bbb::flat_response;
use crate::state::Meeting;

use super::Meetings;

/// What keeps a meeting from its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndFailure {
    /// Its node does not answer.
    #[error("its node does not answer")]
    NoAnswer,
    /// Its node does not want to.
    #[error("its node refuses: {0}")]
    Refused(String),
}

impl Meetings {
    /// Ends a meeting on its node. One that the node does not know any more counts as ended.
    pub async fn end_for_operator(&self, meeting: &Meeting) -> Result<(), EndFailure> {
        let answer = self.end_on_node(meeting).await.ok_or(EndFailure::NoAnswer)?;
        match outcome(&answer.body) {
            Err(EndFailure::Refused(key)) if key == "notFound" => {
                if let Err(error) = self.ended(meeting, "operator").await {
                    tracing::error!(%error, meeting = %meeting.key.id, "the end of a meeting could not be stored");
                }
                Ok(())
            }
            outcome => outcome,
        }
    }
}

/// What a node says to an `end`.
fn outcome(body: &[u8]) -> Result<(), EndFailure> {
    let children = flat_response(body).unwrap_or_default();
    let get = |name: &str| {
        children.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    match get("returncode") {
        "SUCCESS" => Ok(()),
        "FAILED" => Err(EndFailure::Refused(get("messageKey").to_owned())),
        _ => Err(EndFailure::NoAnswer),
    }
}
