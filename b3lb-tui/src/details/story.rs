//! What is asked for the details beyond the picture: one thing at a time, again after a minute.

use rpc::SecretView;

use crate::message::{Call, Command, Refusal, Reply};
use crate::model::{Millis, NodeStory};
use crate::state::State;
use crate::tabs::Tab;

/// An answer that is older than this is asked for again.
const FRESH_FOR: Millis = 60_000;

/// What the details are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A node, by name.
    Node(String),
    /// A tenant, by slug.
    Tenant(String),
}

impl Subject {
    fn call(&self) -> Call {
        match self {
            Self::Node(name) => Call::NodeDetails(name.clone()),
            Self::Tenant(slug) => Call::Secrets(slug.clone()),
        }
    }
}

/// What was answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Of a node.
    Node(Box<NodeStory>),
    /// Of a tenant: its secrets, without keys.
    Tenant(Vec<SecretView>),
    /// It cannot be told.
    Refused(Refusal),
}

/// The last answer, and the question that is under way.
#[derive(Clone, Debug, Default)]
pub struct Story {
    answer: Option<(Subject, Answer, Millis)>,
    asking: Option<Subject>,
}

impl Story {
    /// The answer about this subject, if it is the last one.
    pub fn of(&self, subject: &Subject) -> Option<&Answer> {
        self.answer.as_ref().filter(|it| it.0 == *subject).map(|it| &it.1)
    }

    /// Takes over an answer, if it was asked for here.
    pub fn answered(&mut self, call: &Call, answer: &Result<Reply, Refusal>, now: Millis) {
        let Some(subject) = self.asking.take_if(|subject| subject.call() == *call) else { return };
        let answer = match answer {
            Ok(Reply::Details(details)) => Answer::Node(Box::new(NodeStory::new((**details).clone(), now))),
            Ok(Reply::Secrets(secrets)) => Answer::Tenant(secrets.clone()),
            Ok(_) => return,
            Err(refusal) => Answer::Refused(refusal.clone()),
        };
        self.answer = Some((subject, answer, now));
    }

    /// There is a new connection: what was asked on the old one is asked anew.
    pub fn reconnected(&mut self) {
        self.asking = None;
        if let Some(answer) = &mut self.answer {
            answer.2 -= FRESH_FOR;
        }
    }

    /// Goes on with the last hour of a node from what the watch told.
    pub fn follow(&mut self, figures: &[rpc::NodeFigures], number_of: impl Fn(&str) -> Option<i64>) {
        if let Some((Subject::Node(name), Answer::Node(story), _)) = &mut self.answer
            && let Some(number) = number_of(name)
            && let Some(figures) = figures.iter().find(|it| it.id == number)
        {
            story.follow(figures);
        }
    }
}

/// The question that must be asked now for what is on the screen.
pub fn ask(state: &mut State) -> Option<Command> {
    if state.story.asking.is_some() || !state.pane_is_open() || !state.link.is_up() {
        return None;
    }
    let name = state.selected()?.to_owned();
    let subject = match state.tab {
        Tab::Nodes => Subject::Node(name),
        Tab::Tenants => Subject::Tenant(name),
        Tab::Meetings | Tab::Clusters | Tab::Events => return None,
    };
    let fresh = |it: &(Subject, Answer, Millis)| it.0 == subject && state.now - it.2 < FRESH_FOR;
    if state.story.answer.as_ref().is_some_and(fresh) {
        return None;
    }
    let call = subject.call();
    state.story.asking = Some(subject);
    Some(Command::Call(call))
}
