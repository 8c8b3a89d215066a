//! Messages: events go into the state, commands come out of it.

use std::fmt;
use std::time::Duration;

use ratatui::crossterm::event::{KeyEvent, MouseEvent};
use rpc::{
    AdminError, DrainSpec, Hello, NewSecret, NodeCheck, NodeDetails, PoolHistory, SecretView, WatchAnswer,
};

/// Milliseconds. Whether they count from 1970 or from the start of the dashboard is said where they are used.
pub type Millis = i64;

/// An input of `update`.
#[derive(Debug)]
pub enum Event {
    /// The dashboard's clock: milliseconds since it started. It never goes back.
    Clock(Millis),
    /// A key was pressed.
    Key(KeyEvent),
    /// A mouse event.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The new size of the terminal: columns, lines.
    Resize(u16, u16),
    /// A connection attempt started: attempt number.
    Connecting(u32),
    /// The connection is up.
    Connected {
        /// How the daemon introduced itself.
        hello: Hello,
        /// Address of the daemon.
        place: String,
    },
    /// The connection is down.
    Lost {
        /// Why, in words.
        reason: String,
        /// Failed attempts in a row.
        tries: u32,
        /// Time until the next attempt.
        retry_in: Duration,
    },
    /// An answer of the watch.
    Watched(Box<WatchAnswer>),
    /// The answer to a call. Every call gets exactly one.
    Answered(Call, Result<Reply, Refusal>),
}

/// An effect that `update` requests; the edge carries it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ends the program.
    Quit,
    /// Suspends the program until the shell resumes it.
    Suspend,
    /// Redraws the whole screen.
    Redraw,
    /// Connects now instead of after the back-off.
    Reconnect,
    /// Starts or stops watching the meetings.
    WatchMeetings(bool),
    /// Calls the daemon.
    Call(Call),
}

/// A call to the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Fetches the pool over time.
    PoolHistory,
    /// Fetches a node with its last hour.
    NodeDetails(String),
    /// Checks a node now.
    NodeCheck(String),
    /// Switches a node's maintenance.
    Maintenance {
        /// Name of the node.
        node: String,
        /// On or off.
        on: bool,
    },
    /// Drains a node.
    Drain(String, DrainSpec),
    /// Ends a meeting.
    MeetingEnd {
        /// Its key in the snapshot.
        key: String,
        /// Name of its secret.
        secret: String,
        /// Its id exactly as the client sent it.
        id: String,
    },
    /// Lists a tenant's secrets, without keys.
    Secrets(String),
    /// Lists a tenant's secrets, with keys.
    Keys(String),
}

/// The result of a successful call.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Of [`Call::PoolHistory`].
    PoolHistory(Box<PoolHistory>),
    /// Of [`Call::NodeDetails`].
    Details(Box<NodeDetails>),
    /// Of [`Call::NodeCheck`].
    Check(NodeCheck),
    /// Of calls that change state.
    Done,
    /// Of [`Call::Secrets`].
    Secrets(Vec<SecretView>),
    /// Of [`Call::Keys`].
    Keys(Vec<NewSecret>),
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The error.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl Refusal {
    /// A refusal without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }
}

impl From<AdminError> for Refusal {
    fn from(error: AdminError) -> Self {
        Self { message: error.message, hint: error.hint }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hint.iter().try_for_each(|hint| write!(f, " ({hint})"))
    }
}
