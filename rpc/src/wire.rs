//! Wire format: length-delimited JSON over any byte stream.

use std::io;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_serde::formats::Json;
use tokio_serde::{Deserializer, Serializer};
use tokio_util::codec::LengthDelimitedCodec;

/// Maximum message size: three assets of 32 MiB in base64, plus overhead.
pub const MAX_FRAME: usize = 160 * 1024 * 1024;

/// The default paths of the admin socket, in the order in which they are tried.
pub fn default_sockets() -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::from("/run/b3lb/admin.sock")];
    if let Some(dir) = std::env::var_os("XDG_RUNTIME_DIR").filter(|dir| !dir.is_empty()) {
        paths.push(PathBuf::from(dir).join("b3lb/admin.sock"));
    }
    paths
}

/// A transport that sends `Out` and receives `In`.
pub type Transport<S, In, Out> = tarpc::serde_transport::Transport<S, In, Out, Json<In, Out>>;

/// Maximum deadline of a request. A much longer one would overflow clocks and timers.
const LONGEST_DEADLINE: Duration = Duration::from_hours(24);

/// JSON codec that checks a request's deadline before accepting it.
#[derive(Debug)]
pub struct Checked<In, Out>(PhantomData<fn(Out) -> In>);

impl<In, Out> Deserializer<In> for Checked<In, Out>
where
    In: for<'de> Deserialize<'de>,
{
    type Error = io::Error;

    fn deserialize(self: Pin<&mut Self>, bytes: &BytesMut) -> io::Result<In> {
        #[derive(Deserialize)]
        struct Message {
            #[serde(rename = "Request")]
            request: Option<Request>,
        }
        #[derive(Deserialize)]
        struct Request {
            context: Context,
        }
        #[derive(Deserialize)]
        struct Context {
            deadline: Duration,
        }
        if let Ok(Message { request: Some(request) }) = serde_json::from_slice(bytes)
            && request.context.deadline > LONGEST_DEADLINE
        {
            let text = format!("a request's deadline must be at most {LONGEST_DEADLINE:?}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        serde_json::from_slice(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

impl<In, Out: Serialize> Serializer<Out> for Checked<In, Out> {
    type Error = io::Error;

    fn serialize(self: Pin<&mut Self>, item: &Out) -> io::Result<Bytes> {
        Ok(serde_json::to_vec(item).map_err(io::Error::other)?.into())
    }
}

/// Wraps a connected stream on the server side.
pub fn server_transport<S, In, Out>(
    stream: S,
) -> tarpc::serde_transport::Transport<S, In, Out, Checked<In, Out>>
where
    S: AsyncRead + AsyncWrite,
    In: for<'de> Deserialize<'de>,
    Out: Serialize,
{
    let framed = LengthDelimitedCodec::builder().max_frame_length(MAX_FRAME).new_framed(stream);
    tarpc::serde_transport::new(framed, Checked(PhantomData))
}

/// Wraps a connected stream on the client side.
pub fn transport<S, In, Out>(stream: S) -> Transport<S, In, Out>
where
    S: AsyncRead + AsyncWrite,
    In: for<'de> Deserialize<'de>,
    Out: Serialize,
{
    let framed = LengthDelimitedCodec::builder().max_frame_length(MAX_FRAME).new_framed(stream);
    tarpc::serde_transport::new(framed, Json::default())
}
