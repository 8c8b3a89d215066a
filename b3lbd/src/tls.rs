//! The cryptography behind TLS, the same for every connection of the process.

use tokio_rustls::rustls::crypto::ring;

/// Makes `ring` the process's provider, unless it has one; to be called before a client is made.
pub fn use_ring() {
    // An error says that there is one already.
    let _ = ring::default_provider().install_default();
}
