//! Settings from flags, the environment, or an env file, in order of precedence.

mod arguments;
mod load;
mod parse;
mod settings;

use std::time::Duration;

#[cfg(feature = "demo")]
pub use arguments::Subcommand;
pub use arguments::{Arguments, man_page};
pub use load::{ConfigError, Loaded, load};
pub use settings::{LogFormat, Settings};

use crate::health::Thresholds;
use crate::nodes::NodeSettings;
use crate::poll::PollSettings;
use crate::replication::ReplicationSettings;
use crate::store::Missing;

/// The validated settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Base domain of the API host names.
    pub api_base_domain: String,
    /// The URL by which nodes and browsers reach us.
    pub public_url: String,
    /// What to do if a database existed before, but is missing. Set by the flag `--new`, because it is not a
    /// permanent setting.
    pub missing_database: Missing,
    /// Whether to take over from the primary of the store. Set by the flag `--take-over`, because it is not a
    /// permanent setting.
    pub take_over: bool,
    /// All settings as given.
    pub settings: Settings,
}

impl Config {
    /// Checks what one setting alone cannot tell.
    fn new(arguments: &Arguments) -> Result<Self, ConfigError> {
        let settings = arguments.settings.clone();
        let api_base_domain = settings.api_base_domain.clone().ok_or(ConfigError::NoBaseDomain)?;
        if arguments.take_over && settings.replica_url.is_none() {
            return Err(ConfigError::NoStore);
        }
        let public_url = settings.public_url.clone();
        Ok(Self {
            public_url: public_url.unwrap_or_else(|| format!("https://{api_base_domain}")),
            api_base_domain,
            missing_database: if arguments.new { Missing::Create } else { Missing::Refuse },
            take_over: arguments.take_over,
            settings,
        })
    }

    /// URLs and timeouts of nodes.
    pub fn nodes(&self) -> NodeSettings {
        let settings = &self.settings;
        NodeSettings {
            protocol: settings.node_protocol.clone(),
            api_path: settings.node_bbb_endpoint.clone(),
            load_path: settings.node_load_endpoint.clone(),
            timeout: settings.node_request_timeout,
            create_timeout: settings.node_create_timeout.max(settings.node_request_timeout),
            authority: settings.node_ca_file.clone(),
        }
    }

    /// Settings of polls.
    pub fn polls(&self) -> PollSettings {
        PollSettings {
            interval: self.settings.poll_interval,
            thresholds: Thresholds {
                down_after: self.settings.node_down_after,
                up_after: self.settings.node_up_after,
            },
            outage_grace: self.settings.node_outage_grace,
        }
    }

    /// The store of several daemons, if there is one.
    pub fn replication(&self) -> Option<ReplicationSettings> {
        Some(ReplicationSettings {
            url: self.settings.replica_url.clone()?,
            role: self.settings.role,
            advertise_url: self.settings.advertise_url.clone(),
            failover: self.settings.failover,
            on_promote: self.settings.on_promote.clone(),
            litestream: self.settings.litestream_bin.clone(),
            database: self.settings.database.clone(),
            take_over: self.take_over,
            begin_empty: self.missing_database == Missing::Create,
        })
    }

    /// How long pending requests may take at shutdown.
    pub fn grace(&self) -> Duration {
        Duration::from_secs(8)
    }
}
