//! Settings: from flags, the environment, or an env file, in that order.

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

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// The settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Base domain of the API host names.
    pub api_base_domain: String,
    /// Address of the HTTP front end.
    pub listen: SocketAddr,
    /// SQLite file.
    pub database: PathBuf,
    /// What to do if it is missing although there was one: the flag `--new` decides, not a setting that stays.
    pub missing_database: Missing,
    /// How nodes and browsers reach us.
    pub public_url: String,
    /// How to talk to nodes.
    pub nodes: NodeSettings,
    /// Domain of nodes added without one.
    pub node_default_domain: Option<String>,
    /// How nodes are polled.
    pub polls: PollSettings,
    /// Bytes of a request body.
    pub max_body: usize,
    /// Accepted from clients.
    pub algorithms: Allowed,
    /// Where the admin socket is; the default places if absent.
    pub admin_socket: Option<PathBuf>,
    /// Peers whose `X-Forwarded-Host` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Private networks to which relayed callbacks may go.
    pub callback_networks: Vec<IpNet>,
    /// Protects the global stats and metrics URLs.
    pub metrics_token: Option<SecretKey>,
    /// Where links to API Mate lead.
    pub api_mate: String,
    /// Days for which the audit log is kept.
    pub audit_days: u32,
    /// Tracing filter.
    pub log: String,
    /// How log lines look.
    pub log_format: LogFormat,
}

impl Config {
    /// Reads the values that [`load`] found.
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

    /// How long what runs may take at shutdown.
    pub fn grace(&self) -> Duration {
        Duration::from_secs(8)
    }
}
