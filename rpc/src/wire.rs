//! Framing: length-delimited JSON over any byte stream.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_serde::formats::Json;
use tokio_util::codec::LengthDelimitedCodec;

/// Largest message: an asset of 32 MiB in base64, three at a time, and room around it.
pub const MAX_FRAME: usize = 160 * 1024 * 1024;

/// Where the daemon listens unless told otherwise, and where the tools look, in this order.
pub fn default_sockets() -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::from("/run/b3lb/admin.sock")];
    if let Some(dir) = std::env::var_os("XDG_RUNTIME_DIR").filter(|dir| !dir.is_empty()) {
        paths.push(PathBuf::from(dir).join("b3lb/admin.sock"));
    }
    paths
}

/// A transport that carries `Out` one way and `In` the other.
pub type Transport<S, In, Out> = tarpc::serde_transport::Transport<S, In, Out, Json<In, Out>>;

/// Wraps a connected stream.
pub fn transport<S, In, Out>(stream: S) -> Transport<S, In, Out>
where
    S: AsyncRead + AsyncWrite,
    In: for<'de> Deserialize<'de>,
    Out: Serialize,
{
    let framed = LengthDelimitedCodec::builder().max_frame_length(MAX_FRAME).new_framed(stream);
    tarpc::serde_transport::new(framed, Json::default())
}
