//! The settings: name, help text, default value and type of each, in one place.

use std::any::TypeId;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, Args, Command};
use ipnet::IpNet;

use super::parse;
use crate::bbb::Allowed;
use crate::model::SecretKey;
use crate::replication::{FailoverMode, WantedRole};
use crate::shared::ReplicaUrl;

/// A list that is given as one value, for which clap's derive must not see a `Vec`.
type Networks = Vec<IpNet>;
/// The content of a file in PEM format.
type Pem = Vec<u8>;

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// For machines
    Json,
}

/// All settings, in the order of the documentation. The field `x_y` is the flag `--x-y` and the variable
/// `B3LB_X_Y`; its comment is the help text.
#[expect(clippy::doc_markdown, reason = "the comments are help texts")]
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Base domain of the API hostnames (required)
    #[arg(long, value_parser = parse::domain)]
    pub api_base_domain: Option<String>,
    /// Address of the HTTP front end
    #[arg(long, value_parser = parse::address, default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,
    /// SQLite file
    #[arg(long, default_value = "b3lb.db")]
    pub database: PathBuf,
    /// How nodes and browsers reach us [default: https://{base domain}]
    #[arg(long, value_parser = parse::http_url)]
    pub public_url: Option<String>,
    /// Scheme for nodes
    #[arg(long, value_parser = parse::protocol, default_value = "https://")]
    pub node_protocol: String,
    /// Domain of nodes added without one
    #[arg(long, value_parser = parse::domain_and_port)]
    pub node_default_domain: Option<String>,
    /// API path on nodes
    #[arg(long, value_parser = parse::folder, default_value = "bigbluebutton/api/")]
    pub node_bbb_endpoint: String,
    /// CPU load path on nodes
    #[arg(long, value_parser = parse::url_path, default_value = "b3lb/load")]
    pub node_load_endpoint: String,
    /// Seconds that a node may take for a request
    #[arg(long, value_parser = parse::seconds, default_value = "5")]
    pub node_request_timeout: Duration,
    /// The same for a create or insertDocument that makes the node fetch something
    #[arg(long, value_parser = parse::seconds, default_value = "20")]
    pub node_create_timeout: Duration,
    /// PEM file of a certificate authority that nodes are trusted by, beside the system's
    #[arg(long, value_parser = parse::pem_file)]
    pub node_ca_file: Option<Pem>,
    /// Seconds between two polls of a node
    #[arg(long, value_parser = parse::seconds, default_value = "10")]
    pub poll_interval: Duration,
    /// Failed polls in a row that make a node down
    #[arg(long, value_parser = parse::polls, default_value = "3")]
    pub node_down_after: u32,
    /// Good polls in a row that bring a node back from down
    #[arg(long, value_parser = parse::polls, default_value = "2")]
    pub node_up_after: u32,
    /// Seconds that a failure of most nodes at once counts as our own
    #[arg(long, value_parser = parse::seconds_or_none, default_value = "300")]
    pub node_outage_grace: Duration,
    /// Bytes of a request body
    #[arg(long, value_parser = parse::bytes, default_value = "33554432")]
    pub max_body: usize,
    /// Bytes of a form
    #[arg(long, value_parser = parse::bytes, default_value = "1048576")]
    pub max_form: usize,
    /// Bytes of all request bodies that are being received, at least two of the largest
    #[arg(long, value_parser = parse::bytes, default_value = "268435456")]
    pub body_budget: usize,
    /// Open connections of clients; fewer if the process may not open that many files
    #[arg(long, value_parser = parse::connections, default_value = "10000")]
    pub max_connections: usize,
    /// Checksum algorithms accepted from clients
    #[arg(long, value_parser = parse::algorithms, default_value = "sha1,sha256,sha384,sha512")]
    pub allowed_sha_algorithms: Allowed,
    /// Admin socket [default: /run/b3lb/admin.sock, else $XDG_RUNTIME_DIR/b3lb/admin.sock]
    #[arg(long)]
    pub admin_socket: Option<PathBuf>,
    /// Peers whose X-Forwarded-Host is believed
    #[arg(
        long,
        value_parser = parse::networks,
        default_value = "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7,fe80::/10"
    )]
    pub trusted_proxies: Networks,
    /// Private networks to which relayed callbacks may go
    #[arg(long, value_parser = parse::networks, default_value = "", hide_default_value = true)]
    pub callback_networks: Networks,
    /// Protects the global stats and metrics URLs
    #[arg(long, value_parser = parse::token)]
    pub metrics_token: Option<SecretKey>,
    /// Where links of b3lb-cli api-mate lead
    #[arg(long, value_parser = parse::http_url, default_value = "https://mconf.github.io/api-mate/")]
    pub api_mate_base_url: String,
    /// Days for which the audit log is kept
    #[arg(long, value_parser = parse::days, default_value = "365")]
    pub audit_days: u32,
    /// Where litestream copies the database: s3://bucket/path?endpoint=URL&region=NAME or file:///folder
    #[arg(long, value_parser = parse::replica_url)]
    pub replica_url: Option<ReplicaUrl>,
    /// auto, primary or replica
    #[arg(long, value_enum, default_value = "auto", hide_possible_values = true)]
    pub role: WantedRole,
    /// How other daemons with the same store reach this one
    #[arg(long, value_parser = parse::http_url)]
    pub advertise_url: Option<String>,
    /// Who decides that a replica takes over: manual or auto
    #[arg(long, value_enum, default_value = "manual", hide_possible_values = true)]
    pub failover: FailoverMode,
    /// A shell command to be run after a takeover, which moves an address for example
    #[arg(long)]
    pub on_promote: Option<String>,
    /// The program litestream, 0.5.17 or newer
    #[arg(long, default_value = "litestream")]
    pub litestream_bin: PathBuf,
    /// Tracing filter: a level, or module=level pairs
    #[arg(long, value_parser = parse::log_filter, default_value = "info")]
    pub log: String,
    /// text or json
    #[arg(long, value_enum, default_value = "text", hide_possible_values = true)]
    pub log_format: LogFormat,
}

/// How a setting is given and shown.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// The name of its field: `x_y`.
    pub(super) id: String,
    /// Its value is never shown.
    secret: bool,
}

impl Setting {
    /// All settings, in the order of the documentation.
    pub(super) fn all() -> Vec<Self> {
        let command = Settings::augment_args(Command::new("b3lbd"));
        let setting = |flag: &Arg| Self {
            id: flag.get_id().to_string(),
            secret: flag.get_value_parser().type_id() == TypeId::of::<SecretKey>(),
        };
        command.get_arguments().map(setting).collect()
    }

    /// Its variable: `B3LB_X_Y`.
    pub(super) fn variable(&self) -> String {
        format!("B3LB_{}", self.id.to_ascii_uppercase())
    }

    /// Its flag: `--x-y`.
    pub(super) fn flag(&self) -> String {
        format!("--{}", self.id.replace('_', "-"))
    }

    /// Its value, masked if it is secret.
    pub(super) fn shown(&self, value: &str) -> String {
        if self.secret { "***".to_owned() } else { value.to_owned() }
    }
}
