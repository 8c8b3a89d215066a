//! The table of settings.

/// A setting, given as a flag `--x-y` or a variable `B3LB_X_Y`.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Name without the prefix `B3LB_`.
    pub name: &'static str,
    /// Default value, if there is one.
    pub default: Option<&'static str>,
    /// Help text.
    pub help: &'static str,
    /// Whether to hide its value.
    pub secret: bool,
}

impl Setting {
    /// The name of the variable, such as `B3LB_X_Y`.
    pub fn variable(&self) -> String {
        format!("B3LB_{}", self.name)
    }

    /// The name of the flag, such as `x-y`.
    pub fn flag(&self) -> String {
        self.name.to_ascii_lowercase().replace('_', "-")
    }
}

const fn setting(name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { name, default: Some(default), help, secret: false }
}

const fn open(name: &'static str, help: &'static str) -> Setting {
    Setting { name, default: None, help, secret: false }
}

const fn secret(name: &'static str, help: &'static str) -> Setting {
    Setting { name, default: None, help, secret: true }
}

/// All settings, in the order of the documentation.
pub const SETTINGS: &[Setting] = &[
    open("API_BASE_DOMAIN", "Base domain of the API hostnames (required)"),
    setting("LISTEN", "127.0.0.1:8000", "Address of the HTTP front end"),
    setting("DATABASE", "b3lb.db", "SQLite file"),
    open("PUBLIC_URL", "How nodes and browsers reach us [default: https://{base domain}]"),
    setting("NODE_PROTOCOL", "https://", "Scheme for nodes"),
    open("NODE_DEFAULT_DOMAIN", "Domain of nodes added without one"),
    setting("NODE_BBB_ENDPOINT", "bigbluebutton/api/", "API path on nodes"),
    setting("NODE_LOAD_ENDPOINT", "b3lb/load", "CPU load path on nodes"),
    setting("NODE_REQUEST_TIMEOUT", "5", "Seconds that a node may take for a request"),
    setting(
        "NODE_CREATE_TIMEOUT",
        "20",
        "The same for a create or insertDocument that makes the node fetch something",
    ),
    open(
        "NODE_CA_FILE",
        "PEM file of a certificate authority that nodes are trusted by, beside the system's",
    ),
    setting("POLL_INTERVAL", "10", "Seconds between two polls of a node"),
    setting("NODE_DOWN_AFTER", "3", "Failed polls in a row that make a node down"),
    setting("NODE_UP_AFTER", "2", "Good polls in a row that bring a node back from down"),
    setting("NODE_OUTAGE_GRACE", "300", "Seconds that a failure of most nodes at once counts as our own"),
    setting("MAX_BODY", "33554432", "Bytes of a request body"),
    setting(
        "ALLOWED_SHA_ALGORITHMS",
        "sha1,sha256,sha384,sha512",
        "Checksum algorithms accepted from clients",
    ),
    open(
        "ADMIN_SOCKET",
        "Admin socket [default: /run/b3lb/admin.sock, else $XDG_RUNTIME_DIR/b3lb/admin.sock]",
    ),
    setting(
        "TRUSTED_PROXIES",
        "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7,fe80::/10",
        "Peers whose X-Forwarded-Host is believed",
    ),
    setting("CALLBACK_NETWORKS", "", "Private networks to which relayed callbacks may go"),
    secret("METRICS_TOKEN", "Protects the global stats and metrics URLs"),
    setting(
        "API_MATE_BASE_URL",
        "https://mconf.github.io/api-mate/",
        "Where links of b3lb-cli api-mate lead",
    ),
    setting("AUDIT_DAYS", "365", "Days for which the audit log is kept"),
    setting("LOG", "info", "Tracing filter: a level, or module=level pairs"),
    setting("LOG_FORMAT", "text", "text or json"),
];
