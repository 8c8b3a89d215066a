//! The only part that talks to the daemon: a task that connects, watches, calls, and connects again.

mod call;

use std::collections::VecDeque;
use std::time::Duration;

use rpc::client::{self, ConnectError, Connection};
use rpc::{AdminClient, AdminResult, Target, WatchAnswer, WatchFrom};
use tarpc::client::RpcError;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::message::{Call, Command, Event, Refusal, Reply};

/// How long the daemon may wait for something to change.
const WAIT: Duration = Duration::from_secs(30);

/// How much longer its answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Seconds to wait after each try that failed; the last one from then on.
const BACK_OFF: [u64; 6] = [1, 2, 5, 10, 20, 30];

/// Messages that may wait on either way.
const QUEUE: usize = 64;

/// The ways to and from the task.
#[derive(Debug)]
pub struct Conn {
    commands: Sender<Command>,
    events: Receiver<Event>,
    /// Commands for which there is no room yet.
    outbox: VecDeque<Command>,
}

impl Conn {
    /// Starts the task; `first` is a connection that was made already.
    pub fn start(target: Target, first: Option<Connection>) -> Self {
        let (commands, from_app) = mpsc::channel(QUEUE);
        let (to_app, events) = mpsc::channel(QUEUE);
        let link =
            Link { target, events: to_app, commands: from_app, from: WatchFrom::default(), meetings: None };
        tokio::spawn(link.run(first));
        Self { commands, events, outbox: VecDeque::new() }
    }

    /// The next event; none if the task is gone.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// Hands a command to the task without ever waiting for it.
    pub fn send(&mut self, command: Command) {
        self.outbox.push_back(command);
        self.flush();
    }

    /// Hands over what there was no room for.
    pub fn flush(&mut self) {
        while let Some(command) = self.outbox.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(command)) = self.commands.try_send(command) {
                self.outbox.push_front(command);
                return;
            }
        }
    }
}

/// Name and version, for the daemon's audit log.
pub fn program() -> String {
    format!("b3lb-tui {}", env!("CARGO_PKG_VERSION"))
}

/// The dashboard is gone: there is nobody to work for.
struct Gone;

/// The task. It remembers where its watch stands, so that a new connection can go on there.
struct Link {
    target: Target,
    events: Sender<Event>,
    commands: Receiver<Command>,
    from: WatchFrom,
    /// Where the watch of meetings stands, while they are not wanted; else that stands in `from`.
    meetings: Option<u64>,
}

/// Why a wait was over.
enum Awaited<T> {
    Done(T),
    Reconnect,
}

impl Link {
    async fn run(mut self, first: Option<Connection>) {
        // The only end is that of the dashboard.
        let Err(Gone) = self.run_for_ever(first).await;
    }

    async fn run_for_ever(
        &mut self,
        mut first: Option<Connection>,
    ) -> Result<std::convert::Infallible, Gone> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.tell(Event::Connecting(tries)).await?;
            let connected = match first.take() {
                Some(connection) => Ok(connection),
                None => self.connect().await?,
            };
            let reason = match connected {
                Ok(connection) => {
                    let (reason, heard) = self.serve(&connection).await?;
                    tries = if heard { 1 } else { tries };
                    let last_words = connection.last_words.as_ref();
                    let last_words =
                        last_words.and_then(|it| it.get().map(|words| format!("{words} ({reason})")));
                    last_words.unwrap_or(reason)
                }
                Err(error) => error.to_string(),
            };
            let retry_in = Duration::from_secs(BACK_OFF[(tries as usize - 1).min(BACK_OFF.len() - 1)]);
            self.tell(Event::Lost { reason, tries, retry_in }).await?;
            self.meanwhile(sleep(retry_in)).await?;
        }
    }

    async fn tell(&self, event: Event) -> Result<(), Gone> {
        self.events.send(event).await.map_err(|_| Gone)
    }

    async fn connect(&mut self) -> Result<Result<Connection, ConnectError>, Gone> {
        let target = self.target.clone();
        loop {
            let program = program();
            if let Awaited::Done(connected) =
                self.meanwhile(client::connect(&target, &program, false)).await?
            {
                return Ok(connected);
            }
        }
    }

    /// Waits without a connection: calls are refused at once. An operator who wants to connect now ends it.
    async fn meanwhile<T>(&mut self, wait: impl Future<Output = T>) -> Result<Awaited<T>, Gone> {
        let mut wait = std::pin::pin!(wait);
        loop {
            tokio::select! {
                done = &mut wait => return Ok(Awaited::Done(done)),
                command = self.commands.recv() => match command.ok_or(Gone)? {
                    Command::Reconnect => return Ok(Awaited::Reconnect),
                    Command::WatchMeetings(wanted) => self.want_meetings(wanted),
                    Command::Call(call) => {
                        let refusal = Refusal::new("there is no connection to the daemon");
                        self.tell(Event::Answered(call, Err(refusal))).await?;
                    }
                    Command::Quit | Command::Suspend | Command::Redraw => {}
                },
            }
        }
    }

    /// Watches and calls until the connection breaks: why it did, and whether the watch told anything.
    async fn serve(&mut self, connection: &Connection) -> Result<(String, bool), Gone> {
        let (hello, place) = (connection.hello.clone(), connection.place.clone());
        self.tell(Event::Connected { hello, place }).await?;
        let client = &connection.client;
        let mut heard = false;
        let mut calls = JoinSet::new();
        let mut unanswered: Vec<Call> = Vec::new();
        // The first answer comes at once, so that it is known whether there is more to tell.
        let mut watching = Box::pin(watch(client.clone(), self.from, Duration::ZERO));
        let reason = loop {
            tokio::select! {
                answer = &mut watching => match answer {
                    Ok(Ok(answer)) => {
                        heard = true;
                        self.stand_at(&answer);
                        self.tell(Event::Watched(Box::new(answer))).await?;
                        watching = Box::pin(watch(client.clone(), self.from, WAIT));
                    }
                    Ok(Err(error)) => break error.to_string(),
                    Err(error) => break in_words(&error),
                },
                Some(answer) = calls.join_next(), if !calls.is_empty() => {
                    // A call that panicked is answered at the end, with those that were cut off.
                    if let Ok((call, answer)) = answer {
                        unanswered.retain(|it| *it != call);
                        self.tell(Event::Answered(call, answer)).await?;
                    }
                }
                command = self.commands.recv() => match command.ok_or(Gone)? {
                    Command::WatchMeetings(wanted) => {
                        self.want_meetings(wanted);
                        // Nothing is lost: what the old question would have told, the new one tells.
                        watching = Box::pin(watch(client.clone(), self.from, Duration::ZERO));
                    }
                    Command::Call(call) => {
                        unanswered.push(call.clone());
                        calls.spawn(answer(client.clone(), call));
                    }
                    Command::Reconnect | Command::Quit | Command::Suspend | Command::Redraw => {}
                },
            }
        };
        for call in unanswered {
            let refusal = Refusal::new(format!("lost the daemon: {reason}; it may have been done"));
            self.tell(Event::Answered(call, Err(refusal))).await?;
        }
        Ok((reason, heard))
    }

    fn stand_at(&mut self, answer: &WatchAnswer) {
        if answer.epoch != self.from.epoch {
            self.meetings = None;
        }
        self.from.epoch = answer.epoch;
        self.from.seq = answer.seq;
        if let (Some(seq), Some(changes)) = (&mut self.from.meetings, &answer.meetings) {
            *seq = changes.seq;
        }
    }

    fn want_meetings(&mut self, wanted: bool) {
        if wanted == self.from.meetings.is_some() {
            return;
        }
        if wanted {
            self.from.meetings = Some(self.meetings.take().unwrap_or(0));
        } else {
            self.meetings = self.from.meetings.take();
        }
    }
}

async fn watch(
    client: AdminClient,
    from: WatchFrom,
    wait: Duration,
) -> Result<AdminResult<WatchAnswer>, RpcError> {
    let wait_ms = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
    client.watch(client::deadline(wait + PATIENCE), from, wait_ms).await
}

async fn answer(client: AdminClient, call: Call) -> (Call, Result<Reply, Refusal>) {
    let answer = call::make(&client, &call).await;
    (call, answer)
}

fn in_words(error: &RpcError) -> String {
    match error {
        RpcError::DeadlineExceeded => "the daemon does not answer".to_owned(),
        RpcError::Shutdown | RpcError::Channel(_) => "the daemon closed the connection".to_owned(),
        RpcError::Send(_) | RpcError::Server(_) => error.to_string(),
    }
}
