//! Settings from flags, the environment, or an env file, in order of precedence.

mod load;
mod parse;
mod settings;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

pub use load::{ConfigError, Loaded, Source, load};
pub use settings::{SETTINGS, Setting};

use crate::bbb::Allowed;
use crate::health::Thresholds;
use crate::model::SecretKey;
use crate::nodes::NodeSettings;
use crate::poll::PollSettings;
use crate::store::Missing;

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// The validated settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Base domain of the API host names.
    pub api_base_domain: String,
    /// Address of the HTTP front end.
    pub listen: SocketAddr,
    /// Path of the SQLite file.
    pub database: PathBuf,
    /// What to do if a database existed before, but is missing. Set by the flag `--new`, because it is not a
    /// permanent setting.
    pub missing_database: Missing,
    /// The URL by which nodes and browsers reach us.
    pub public_url: String,
    /// URLs and timeouts of nodes.
    pub nodes: NodeSettings,
    /// Default domain of new nodes.
    pub node_default_domain: Option<String>,
    /// Settings of polls.
    pub polls: PollSettings,
    /// Maximum size of a request body, in bytes.
    pub max_body: usize,
    /// Checksum algorithms accepted from clients.
    pub algorithms: Allowed,
    /// Path of the admin socket; the default paths if absent.
    pub admin_socket: Option<PathBuf>,
    /// Peers whose `X-Forwarded-Host` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Private networks that callbacks may be sent to.
    pub callback_networks: Vec<IpNet>,
    /// Token of the global stats and metrics.
    pub metrics_token: Option<SecretKey>,
    /// Base URL of links to API Mate.
    pub api_mate: String,
    /// Number of days for which the audit log is kept.
    pub audit_days: u32,
    /// Tracing filter.
    pub log: String,
    /// Format of log lines.
    pub log_format: LogFormat,
}

impl Config {
    /// Parses the values that [`load`] found.
    pub(crate) fn from_values(values: &load::Values) -> Result<Self, ConfigError> {
        let timeout = values.read("NODE_REQUEST_TIMEOUT", parse::seconds)?;
        let base = values.read("API_BASE_DOMAIN", parse::domain)?;
        let public_url = match values.optional("PUBLIC_URL", parse::http_url)? {
            Some(url) => url,
            None => format!("https://{base}"),
        };
        Ok(Self {
            listen: values.read("LISTEN", parse::address)?,
            database: values.read("DATABASE", parse::path)?,
            missing_database: Missing::Refuse,
            public_url,
            nodes: NodeSettings {
                protocol: values.read("NODE_PROTOCOL", parse::protocol)?,
                api_path: values.read("NODE_BBB_ENDPOINT", parse::folder)?,
                load_path: values.read("NODE_LOAD_ENDPOINT", parse::url_path)?,
                timeout,
                create_timeout: values.read("NODE_CREATE_TIMEOUT", parse::seconds)?.max(timeout),
                authority: values.optional("NODE_CA_FILE", parse::pem_file)?,
            },
            node_default_domain: values.optional("NODE_DEFAULT_DOMAIN", parse::domain_and_port)?,
            polls: PollSettings {
                interval: values.read("POLL_INTERVAL", parse::seconds)?,
                thresholds: Thresholds {
                    down_after: values.read("NODE_DOWN_AFTER", parse::polls)?,
                    up_after: values.read("NODE_UP_AFTER", parse::polls)?,
                },
                outage_grace: values.read("NODE_OUTAGE_GRACE", parse::seconds_or_none)?,
            },
            max_body: values.read("MAX_BODY", parse::bytes)?,
            algorithms: values.read("ALLOWED_SHA_ALGORITHMS", parse::algorithms)?,
            admin_socket: values.optional("ADMIN_SOCKET", parse::path)?,
            trusted_proxies: values.read("TRUSTED_PROXIES", parse::networks)?,
            callback_networks: values.read("CALLBACK_NETWORKS", parse::networks)?,
            metrics_token: values.optional("METRICS_TOKEN", parse::token)?,
            api_mate: values.read("API_MATE_BASE_URL", parse::http_url)?,
            audit_days: values.read("AUDIT_DAYS", parse::days)?,
            log: values.read("LOG", parse::log_filter)?,
            log_format: values.read("LOG_FORMAT", parse::log_format)?,
            api_base_domain: base,
        })
    }

    /// How long pending requests may take at shutdown.
    pub fn grace(&self) -> Duration {
        Duration::from_secs(8)
    }
}
