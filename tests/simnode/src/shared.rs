//! What the parts of a running node share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::analytics::Analytics;
use crate::callback::{self, Callback, Callbacks};
use crate::fault::Faults;
use crate::http::Reply;
use crate::record::Recorder;
#[cfg(feature = "tls")]
use crate::tls::Acceptor;
use crate::world::World;
use crate::{CallbackKind, Document, MeetingState, Options, Request, api};

/// Highest CPU figure.
pub(crate) const FULL_CPU: u32 = 10_000;

pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) faults: Faults,
    pub(crate) recorder: Recorder,
    pub(crate) callbacks: Callbacks,
    pub(crate) world: Mutex<World>,
    pub(crate) secret: RwLock<String>,
    /// Set before the node listens.
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Acceptor>,
    /// Wakes those who wait for something to happen on the node.
    pub(crate) changed: Notify,
    /// Wakes the task that ends empty meetings.
    pub(crate) emptied: Notify,
    /// How long it takes to fetch a presentation.
    pub(crate) fetch_time: Mutex<Duration>,
    cpu: AtomicU32,
    /// Makes the callbacks; without one they wait in `due`.
    runtime: Option<Handle>,
    /// Callbacks that nobody makes: of which meeting, which kind, what URL.
    due: Mutex<Vec<DueCallback>>,
}

/// A callback that a node without a network would make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueCallback {
    /// Internal id of the meeting that has ended.
    pub meeting: String,
    /// Which callback.
    pub kind: CallbackKind,
    /// The URL.
    pub url: String,
}

impl Shared {
    /// What a node needs; with `runtime` it makes its callbacks itself.
    pub(crate) fn new(options: Options, runtime: Option<Handle>) -> Self {
        let clock = options.clock.clone();
        Self {
            faults: Faults::default(),
            recorder: Recorder::new(&options),
            callbacks: Callbacks::default(),
            world: Mutex::new(
                World::new(options.seed, options.expire_empty, options.internal_ids)
                    .by_clock(clock)
                    .grouping(options.grouped_numbers),
            ),
            secret: RwLock::new(options.secret.clone()),
            #[cfg(feature = "tls")]
            tls: None,
            changed: Notify::new(),
            emptied: Notify::new(),
            fetch_time: Mutex::new(options.fetch_time),
            cpu: AtomicU32::new(options.cpu.min(FULL_CPU)),
            runtime,
            due: Mutex::default(),
            options,
        }
    }

    /// The same, speaking TLS if the options say so.
    #[cfg(feature = "tls")]
    pub(crate) fn with_tls(self) -> std::io::Result<Self> {
        let tls = self.options.tls.as_ref().map(Acceptor::new).transpose()?;
        Ok(Self { tls, ..self })
    }

    pub(crate) fn cpu(&self) -> u32 {
        self.cpu.load(Ordering::Relaxed)
    }

    pub(crate) fn set_cpu(&self, cpu: u32) {
        self.cpu.store(cpu.min(FULL_CPU), Ordering::Relaxed);
    }

    /// How long a call takes that brings these presentations. BBB fetches them one after the other between making
    /// the meeting and answering (`ApiController.uploadDocuments` and `downloadAndProcessDocument`,
    /// bigbluebutton-web); embedded ones are converted in the background.
    pub(crate) fn fetching(&self, documents: &[Document], pre_uploaded: bool) -> Duration {
        let by_url =
            documents.iter().filter(|document| document.url.is_some()).count() + usize::from(pre_uploaded);
        self.fetch_time.lock().saturating_mul(u32::try_from(by_url).unwrap_or(u32::MAX))
    }

    /// Scheme of the node's URLs.
    #[cfg(feature = "tls")]
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Scheme of the node's URLs.
    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "with TLS it is asked")]
    pub(crate) fn scheme(&self) -> &'static str {
        "http"
    }

    /// Takes note of a request.
    pub(crate) fn arrived(&self, request: Request) -> Arc<Request> {
        let request = self.recorder.note(request);
        self.changed.notify_waiters();
        request
    }

    /// Handles a request as a healthy node does.
    pub(crate) fn handle(self: &Arc<Self>, request: &Request) -> Reply {
        let secret = self.secret.read().clone();
        let reply = api::answer(self, request, &secret);
        self.touched();
        reply
    }

    /// Handles a request as if the client did not know the secret any more.
    pub(crate) fn handle_with_wrong_secret(self: &Arc<Self>, request: &Request) -> Reply {
        let other = format!("{}, but changed", self.secret.read());
        api::answer(self, request, &other)
    }

    /// To be called after every change of the meetings.
    pub(crate) fn touched(&self) {
        if self.options.expire_empty.is_some() {
            self.emptied.notify_one();
        }
        self.changed.notify_waiters();
    }

    /// The internal id of the meeting that a call means by an id.
    pub(crate) fn find(&self, id: &str) -> Option<String> {
        self.world.lock().find(id).map(str::to_owned)
    }

    /// Whether a meeting was made without a feature.
    pub(crate) fn disables(&self, id: &str, feature: &str) -> bool {
        self.world.lock().get(id).is_some_and(|meeting| meeting.disables(feature))
    }

    /// Ends a meeting, with its callbacks.
    pub(crate) fn end(self: &Arc<Self>, id: &str) -> bool {
        let ended = self.world.lock().remove(id);
        let found = !ended.is_empty();
        self.call_back(ended);
        found
    }

    /// Ends the meetings that have been empty for too long.
    pub(crate) fn end_expired(self: &Arc<Self>) {
        let ended = self.world.lock().take_expired(std::time::Instant::now());
        self.call_back(ended);
    }

    /// Takes the callbacks that wait because there is no runtime.
    pub(crate) fn take_due(&self) -> Vec<DueCallback> {
        std::mem::take(&mut *self.due.lock())
    }

    fn call_back(self: &Arc<Self>, ended: Vec<MeetingState>) {
        let secret = self.secret.read().clone();
        for meeting in ended {
            for callback in callback::due(&meeting, &secret) {
                self.make(&meeting, callback);
            }
        }
        self.touched();
    }

    /// Makes a callback, or keeps it if there is no runtime.
    fn make(self: &Arc<Self>, meeting: &MeetingState, callback: Callback) {
        let Some(runtime) = &self.runtime else {
            let Callback { kind, url, .. } = callback;
            self.due.lock().push(DueCallback { meeting: meeting.internal_id.clone(), kind, url });
            return;
        };
        let (node, id) = (Arc::clone(self), meeting.id.clone());
        runtime.spawn(async move {
            let timeout = node.options.callback_timeout;
            let result = callback::call(id, callback, timeout).await;
            node.callbacks.note(result);
            node.changed.notify_waiters();
        });
    }

    /// Posts what is known of a meeting to its analytics URL. False if there is no such meeting or URL.
    pub(crate) fn send_analytics(self: &Arc<Self>, id: &str) -> bool {
        let meeting = self.world.lock().get(id).cloned();
        let secret = self.secret.read().clone();
        let found = meeting.and_then(|meeting| Some((Analytics::of(&meeting, &secret)?, meeting)));
        let Some((analytics, meeting)) = found else { return false };
        self.make(&meeting, analytics.into());
        true
    }
}
