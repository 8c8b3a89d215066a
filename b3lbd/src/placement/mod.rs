//! Chooses the node for a new meeting. No I/O, no clock: time is an argument, in seconds.

mod ledger;
mod past;

pub use ledger::{Choice, Ledger, MeetingToken, PollSample, RankParts};
pub use past::{Expectation, Past};
