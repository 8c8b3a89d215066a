//! The picture: all that the daemon told, as it was told last.

mod apply;
mod capacity;
mod cluster;
mod event;
mod history;
mod meeting;
mod node;
mod numbers;
mod picture;
mod tenant;

pub use capacity::{GroupCapacity, capacity_without};
pub use cluster::{Cluster, Sums};
pub use event::{EVENTS_KEPT, LoggedEvent};
pub use history::{History, NodeStory};
pub use meeting::{Meeting, MeetingCounts};
pub use node::Node;
pub use numbers::ByNumber;
pub use picture::{Picture, Versions};
pub use tenant::Tenant;

/// Milliseconds, of a clock that the reader of the field knows.
pub type Millis = i64;
