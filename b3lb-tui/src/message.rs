//! What goes between the parts: events into the state, commands out of it.

use std::fmt;
use std::time::Duration;

use ratatui::crossterm::event::{KeyEvent, MouseEvent};
use rpc::{AdminError, Hello, NewSecret, NodeCheck, NodeDetails, SecretView, WatchAnswer};

use crate::model::Millis;

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// The dashboard's clock, which never goes back; milliseconds.
    Clock(Millis),
    /// A key was pressed.
    Key(KeyEvent),
    /// Something was done with the mouse.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size: columns, lines.
    Resize(u16, u16),
    /// A connection is being made; the how manyth try.
    Connecting(u32),
    /// There is a connection.
    Connected {
        /// What the daemon said of itself.
        hello: Hello,
        /// Where it is.
        place: String,
    },
    /// There is no connection.
    Lost {
        /// Why, in words.
        reason: String,
        /// How many tries there were.
        tries: u32,
        /// How long until the next one.
        retry_in: Duration,
    },
    /// An answer of the watch.
    Watched(Box<WatchAnswer>),
    /// The answer of a call; every call gets one.
    Answered(Call, Result<Reply, Refusal>),
}

/// Something to be done outside of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ends the program.
    Quit,
    /// Stops the program until the shell brings it back.
    Suspend,
    /// Draws everything anew.
    Redraw,
    /// Tries to connect now.
    Reconnect,
    /// Watches the meetings too, or no longer.
    WatchMeetings(bool),
    /// Asks the daemon.
    Call(Call),
}

/// A call of the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// A node with its last hour.
    NodeDetails(String),
    /// Examines a node.
    NodeCheck(String),
    /// Switches a node's maintenance.
    Maintenance {
        /// Name of the node.
        node: String,
        /// On or off.
        on: bool,
    },
    /// Ends a meeting.
    MeetingEnd {
        /// Its identity in the picture.
        key: String,
        /// Name of its secret.
        secret: String,
        /// Its id as the client gave it.
        id: String,
    },
    /// A tenant's secrets, without keys.
    Secrets(String),
    /// A tenant's secrets, with keys.
    Keys(String),
}

/// What a call brought.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Of [`Call::NodeDetails`].
    Details(Box<NodeDetails>),
    /// Of [`Call::NodeCheck`].
    Check(NodeCheck),
    /// Of calls that change something: it is done.
    Done,
    /// Of [`Call::Secrets`].
    Secrets(Vec<SecretView>),
    /// Of [`Call::Keys`].
    Keys(Vec<NewSecret>),
}

/// Why a call did not do as told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What, and why.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl Refusal {
    /// A refusal that says `message`.
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
