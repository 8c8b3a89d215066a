//! How a node is to be started.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// What a node is started with; `Options::default()` is a node on a free port.
#[derive(Debug, Clone)]
pub struct Options {
    /// The shared secret that signs the calls.
    pub secret: String,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Speak TLS; the node's URLs begin with `https://` then.
    #[cfg(feature = "tls")]
    pub tls: Option<crate::Tls>,
    /// Seed of everything random: passwords, tokens, voice bridges, the script.
    pub seed: u64,
    /// Meetings without attendees end after this time; `None`: they stay.
    pub expire_empty: Option<Duration>,
    /// CPU figure of the load URL at the start, 0 to 10,000.
    pub cpu: u32,
    /// Keep the requests that arrive; off for benchmarks.
    pub record: bool,
    /// Longest request line, in bytes; longer ones are answered with a page and status 414. `None`: 256 KiB for
    /// the whole head. The default is nginx's, in `large_client_header_buffers 4 8k`: BBB's configuration
    /// (`bigbluebutton-web/bbb-web.nginx`) does not change it.
    pub request_line: Option<usize>,
    /// Largest body, in bytes; larger ones are answered with a page and status 413. See `NGINX_BODY`.
    pub max_body: usize,
    /// Most requests kept; the oldest are dropped first.
    pub record_limit: usize,
    /// Most bytes of bodies and headers kept, in sum.
    pub record_bytes: usize,
    /// Meetings may be named by their internal ids, as since BBB 2.6.
    pub internal_ids: bool,
    /// Counts are grouped in lists, as in `1,202`: older templates of BBB write numbers of people without
    /// `?c` (`WEB-INF/freemarker/get-meetings.ftlx` of bigbluebutton-web), times with it.
    pub grouped_numbers: bool,
    /// Version shown by the version answer; see `of_version`.
    pub bbb_version: String,
    /// Seconds by which the node's clock is ahead, as its `Date` tells.
    pub clock_ahead: i64,
    /// Session tokens are good without the session's cookie, for meetings that do not say themselves. BBB's default
    /// is no (`bigbluebutton.properties`).
    pub allow_requests_without_session: bool,
    /// The values of `meetingLayout` that `create` takes; `None`: any, as bbb-web does in
    /// `ParamsProcessorUtil.processCreateParams`, where the client chooses what to do with an unknown one. See
    /// `LAYOUTS_3_0`.
    pub layouts: Option<&'static [&'static str]>,
    /// How long a callback may take.
    pub callback_timeout: Duration,
    /// How long the node takes to fetch a presentation by URL, before it answers the call that brought it.
    pub fetch_time: Duration,
    /// Milliseconds since 1970, for creation times; `None`: the system's clock.
    pub clock: Option<Arc<AtomicU64>>,
}

impl Options {
    /// A node of another version, such as `2.5.16` or `4.0.0`: what it says of itself, and whether calls may name
    /// meetings by internal ids.
    pub fn of_version(version: &str) -> Self {
        let internal_ids = number_of(version) >= (2, 6);
        Self { bbb_version: version.to_owned(), internal_ids, ..Self::default() }
    }

    /// The layouts of BBB 3.0 (`docs/docs/data/create.tsx`); the last three are new there.
    pub const LAYOUTS_3_0: &[&str] = &[
        "CUSTOM_LAYOUT",
        "SMART_LAYOUT",
        "PRESENTATION_FOCUS",
        "VIDEO_FOCUS",
        "CAMERAS_ONLY",
        "PRESENTATION_ONLY",
        "PARTICIPANTS_AND_CHAT_ONLY",
    ];
    /// Largest body that nginx lets through to the API of a BBB that is not configured otherwise. The file
    /// `bigbluebutton-web/bbb-web.nginx` sets `client_max_body_size 30m` for uploads and caption files only, so
    /// that nginx's default of 1 MiB is in force for `/bigbluebutton/api`; `docs/docs/development/api.md` speaks of
    /// 2 MB. Not the default here, because operators who embed slides raise it.
    pub const NGINX_BODY: usize = 1 << 20;
}

/// The first two numbers of a version; of a missing one 0.
pub(crate) fn number_of(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

impl Default for Options {
    fn default() -> Self {
        Self {
            secret: "simnode-secret".to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            #[cfg(feature = "tls")]
            tls: None,
            seed: 1,
            expire_empty: None,
            cpu: 0,
            record: true,
            request_line: Some(8 << 10),
            max_body: 64 << 20,
            record_limit: 50_000,
            record_bytes: 256 << 20,
            internal_ids: true,
            grouped_numbers: false,
            bbb_version: "3.0.10".to_owned(),
            clock_ahead: 0,
            allow_requests_without_session: false,
            layouts: None,
            callback_timeout: Duration::from_secs(10),
            fetch_time: Duration::ZERO,
            clock: None,
        }
    }
}
