//! What can cover a tab: questions, results, progress, help.

use rpc::{NewSecret, SecretView};
use tui_input::Input;

use super::job::Operation;
use crate::keys::{Context, Place};
use crate::message::Refusal;

/// The word that confirms an operation that throws people out.
pub const CONFIRMATION: &str = "end";

/// A dialog over a tab.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// Asks before an operation.
    Confirm(Confirm),
    /// Shows the results of the last job.
    Job(Scroll),
    /// Shows the progress of drains.
    Drain(Scroll),
    /// Shows a tenant's endpoints.
    Endpoints(Endpoints),
    /// Shows the keys of a context.
    Help(Context, Scroll),
}

/// The first visible line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll(pub usize);

impl Dialog {
    /// Decides which keys apply.
    pub fn context(&self) -> Context {
        Context::Over(match self {
            Self::Confirm(confirm) if confirm.typed.is_some() => Place::Typed,
            Self::Confirm(_) => Place::Confirm,
            Self::Job(_) | Self::Drain(_) => Place::Panel,
            Self::Endpoints(_) => Place::Endpoints,
            Self::Help(..) => Place::Help,
        })
    }

    /// Whether it shows meetings.
    pub fn needs_meetings(&self) -> bool {
        matches!(self, Self::Drain(_))
    }

    /// Its scroll position; none if it does not scroll.
    pub fn scroll(&self) -> Option<Scroll> {
        match self {
            Self::Confirm(_) => None,
            Self::Job(scroll) | Self::Drain(scroll) | Self::Help(_, scroll) => Some(*scroll),
            Self::Endpoints(endpoints) => Some(endpoints.scroll),
        }
    }

    /// [`Dialog::scroll`], to be changed.
    pub fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        match self {
            Self::Confirm(_) => None,
            Self::Job(scroll) | Self::Drain(scroll) | Self::Help(_, scroll) => Some(scroll),
            Self::Endpoints(endpoints) => Some(&mut endpoints.scroll),
        }
    }
}

/// The question before an operation. Cancel has the focus at first, unless a word must be typed.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The operation.
    pub operation: Operation,
    /// Names of its targets.
    pub targets: Vec<String>,
    /// Whether the focus is on the button that starts it.
    pub go_focused: bool,
    /// The typed word, where one is required.
    pub typed: Option<Input>,
}

impl Confirm {
    /// The question before `operation`.
    pub fn new(operation: Operation, targets: Vec<String>) -> Self {
        let typed = (operation == Operation::EndMeeting).then(Input::default);
        Self { operation, targets, go_focused: typed.is_some(), typed }
    }

    /// Whether the required word was typed.
    pub fn is_armed(&self) -> bool {
        self.typed.as_ref().is_none_or(|it| it.value().trim().eq_ignore_ascii_case(CONFIRMATION))
    }
}

/// The endpoints of a tenant.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Slug of the tenant.
    pub tenant: String,
    /// Its secrets, without keys; none until the answer arrives.
    pub secrets: Option<Result<Vec<SecretView>, Refusal>>,
    /// Its keys. They are dropped with the dialog.
    pub keys: Keys,
    /// The first visible line.
    pub scroll: Scroll,
}

/// The secret keys of endpoints.
#[derive(Clone, Debug)]
pub enum Keys {
    /// Not requested.
    Hidden,
    /// Requested.
    Requested,
    /// Visible.
    Revealed(Vec<NewSecret>),
    /// The call failed.
    Refused(Refusal),
}

impl Endpoints {
    /// The panel of a tenant, before the answer arrives.
    pub fn of(tenant: String) -> Self {
        Self { tenant, secrets: None, keys: Keys::Hidden, scroll: Scroll::default() }
    }

    /// The revealed key of a secret.
    pub fn key_of(&self, name: &str) -> Option<&str> {
        let Keys::Revealed(keys) = &self.keys else { return None };
        keys.iter().find(|it| it.view.name == name).map(|it| it.secret.reveal())
    }
}
