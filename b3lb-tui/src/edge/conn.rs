//! The connection to the daemon: a task that connects, watches, calls, and reconnects.

use std::collections::VecDeque;
use std::time::Duration;

use rpc::{AdminClient, AdminResult, ClientInfo, WatchAnswer, WatchFrom};
use rpc_client::{ConnectError, Connection, Target, deadline};
use tarpc::client::RpcError;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::call::{self, in_words};
use crate::message::{Call, Command, Event, Refusal, Reply};

/// How long the daemon may hold a watch while nothing changes.
const WAIT: Duration = Duration::from_secs(30);

/// Time-out of a watch beyond that.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Seconds to wait after each failed attempt; the last one repeats.
const BACK_OFF: [u64; 6] = [1, 2, 5, 10, 20, 30];

/// Capacity of the queues, in messages.
const QUEUE: usize = 64;

/// The queues to and from the task.
#[derive(Debug)]
pub struct Conn {
    commands: Sender<Command>,
    events: Receiver<Event>,
    /// Commands that do not fit into the queue yet.
    outbox: VecDeque<Command>,
}

impl Conn {
    /// Starts the task. `first` is a connection that is up already.
    pub fn start(target: Target, caller: ClientInfo, first: Option<Connection>) -> Self {
        let (commands, from_app) = mpsc::channel(QUEUE);
        let (to_app, events) = mpsc::channel(QUEUE);
        let from = WatchFrom::default();
        let task = Task { target, caller, events: to_app, commands: from_app, from, meetings: None };
        tokio::spawn(task.run(first));
        Self { commands, events, outbox: VecDeque::new() }
    }

    /// The next event; none if the task has ended.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// Queues a command without blocking.
    pub fn send(&mut self, command: Command) {
        self.outbox.push_back(command);
        self.flush();
    }

    /// Queues commands that did not fit before.
    pub fn flush(&mut self) {
        while let Some(command) = self.outbox.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(command)) = self.commands.try_send(command) {
                self.outbox.push_front(command);
                return;
            }
        }
    }
}

/// What the daemon is told: name and version, for its audit log, and whether it is to refuse changes.
pub fn caller(read_only: bool) -> ClientInfo {
    ClientInfo { read_only, ..concat!("b3lb-tui ", env!("CARGO_PKG_VERSION")).into() }
}

/// The dashboard has ended, so the task ends too.
struct Gone;

/// The task. It keeps the position of its watch, so that a new connection resumes there.
struct Task {
    target: Target,
    caller: ClientInfo,
    events: Sender<Event>,
    commands: Receiver<Command>,
    from: WatchFrom,
    /// The position of the watch of meetings while it is paused; otherwise it is in `from`.
    meetings: Option<u64>,
}

/// Why a wait ended.
enum Awaited<T> {
    Done(T),
    Reconnect,
}

impl Task {
    async fn run(mut self, first: Option<Connection>) {
        // It ends with the dashboard.
        let Err(Gone) = self.reconnect_forever(first).await;
    }

    async fn reconnect_forever(
        &mut self,
        mut first: Option<Connection>,
    ) -> Result<std::convert::Infallible, Gone> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.send(Event::Connecting(tries)).await?;
            let connected = match first.take() {
                Some(connection) => Ok(connection),
                None => self.connect().await?,
            };
            let reason = match connected {
                Ok(connection) => {
                    let (reason, answered) = self.serve(&connection).await?;
                    tries = if answered { 1 } else { tries };
                    let last_words = connection.last_words.as_ref();
                    let last_words =
                        last_words.and_then(|it| it.get().map(|words| format!("{words} ({reason})")));
                    last_words.unwrap_or(reason)
                }
                Err(error) => error.to_string(),
            };
            let retry_in = Duration::from_secs(BACK_OFF[(tries as usize - 1).min(BACK_OFF.len() - 1)]);
            self.send(Event::Lost { reason, tries, retry_in }).await?;
            self.meanwhile(sleep(retry_in)).await?;
        }
    }

    async fn send(&self, event: Event) -> Result<(), Gone> {
        self.events.send(event).await.map_err(|_| Gone)
    }

    async fn connect(&mut self) -> Result<Result<Connection, ConnectError>, Gone> {
        let target = self.target.clone();
        loop {
            let caller = self.caller.clone();
            if let Awaited::Done(connected) =
                self.meanwhile(rpc_client::connect(&target, caller, false)).await?
            {
                return Ok(connected);
            }
        }
    }

    /// Waits without a connection. Calls are refused at once, and a request to reconnect ends the wait.
    async fn meanwhile<T>(&mut self, wait: impl Future<Output = T>) -> Result<Awaited<T>, Gone> {
        let mut wait = std::pin::pin!(wait);
        loop {
            tokio::select! {
                done = &mut wait => return Ok(Awaited::Done(done)),
                command = self.commands.recv() => match command.ok_or(Gone)? {
                    Command::Reconnect => return Ok(Awaited::Reconnect),
                    Command::WatchMeetings(wanted) => self.watch_meetings(wanted),
                    Command::Call(call) => {
                        let refusal = Refusal::new("there is no connection to the daemon");
                        self.send(Event::Answered(call, Err(refusal))).await?;
                    }
                    Command::Quit | Command::Suspend | Command::Redraw => {}
                },
            }
        }
    }

    /// Watches and calls until the connection breaks. Returns the reason, and whether the watch ever answered.
    async fn serve(&mut self, connection: &Connection) -> Result<(String, bool), Gone> {
        let (hello, place) = (connection.hello.clone(), connection.place.clone());
        self.send(Event::Connected { hello, place }).await?;
        let client = &connection.client;
        let mut answered = false;
        let mut calls = JoinSet::new();
        let mut unanswered: Vec<Call> = Vec::new();
        // The first watch does not wait: its answer says whether more is to come.
        let mut watching = Box::pin(watch(client.clone(), self.from, Duration::ZERO));
        let reason = loop {
            tokio::select! {
                answer = &mut watching => match answer {
                    Ok(Ok(answer)) => {
                        answered = true;
                        self.advance(&answer);
                        self.send(Event::Watched(Box::new(answer))).await?;
                        watching = Box::pin(watch(client.clone(), self.from, WAIT));
                    }
                    Ok(Err(error)) => break error.to_string(),
                    Err(error) => break in_words(&error),
                },
                Some(answer) = calls.join_next(), if !calls.is_empty() => {
                    // A call that panicked is answered below, with those that were cut off.
                    if let Ok((call, answer)) = answer {
                        unanswered.retain(|it| *it != call);
                        self.send(Event::Answered(call, answer)).await?;
                    }
                }
                command = self.commands.recv() => match command.ok_or(Gone)? {
                    Command::WatchMeetings(wanted) => {
                        self.watch_meetings(wanted);
                        // Nothing is lost: the new watch starts at the same position as the dropped one.
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
            self.send(Event::Answered(call, Err(refusal))).await?;
        }
        Ok((reason, answered))
    }

    fn advance(&mut self, answer: &WatchAnswer) {
        if answer.epoch != self.from.epoch {
            self.meetings = None;
        }
        self.from.epoch = answer.epoch;
        self.from.seq = answer.seq;
        if let (Some(seq), Some(changes)) = (&mut self.from.meetings, &answer.meetings) {
            *seq = changes.seq;
        }
    }

    fn watch_meetings(&mut self, wanted: bool) {
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
    client.watch(deadline(wait + TIMEOUT), from, wait_ms).await
}

async fn answer(client: AdminClient, call: Call) -> (Call, Result<Reply, Refusal>) {
    let answer = call::make(&client, &call).await;
    (call, answer)
}
