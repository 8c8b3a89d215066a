//! Answering, or not, as a fault wants it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::reader::Reader;
use super::reply::Length;
use super::{Reply, wrong};
use crate::fault::Fault;
use crate::record::Request;
use crate::shared::Shared;

/// Plays a fault on a request; whether the connection stays open.
pub(crate) async fn answer(
    reader: &mut Reader<impl AsyncRead + AsyncWrite + Unpin>,
    node: &Arc<Shared>,
    request: &Request,
    keep_alive: bool,
    fault: &Fault,
) -> io::Result<bool> {
    let reply = match fault {
        Fault::Hang => {
            reader.until_closed().await;
            return Ok(false);
        }
        Fault::HandleThenHang => {
            node.handle(request);
            reader.until_closed().await;
            return Ok(false);
        }
        Fault::Drip(pause) => {
            let reply = node.handle(request);
            drip(&mut reader.stream, &reply, *pause).await?;
            return Ok(false);
        }
        Fault::Cut => {
            let reply = node.handle(request);
            let mut half = reply.head(Length::Known(reply.body.len()), keep_alive);
            half.extend_from_slice(&reply.body[..reply.body.len() / 2]);
            reader.stream.write_all(&half).await?;
            return Ok(false);
        }
        Fault::Endless => return endless(&mut reader.stream, &request.call).await,
        Fault::Late(delay) => {
            tokio::time::sleep(*delay).await;
            node.handle(request)
        }
        Fault::Http500 => Reply::html(500, "Internal Server Error"),
        Fault::Html => Reply::html(200, "Welcome to nginx!"),
        Fault::BrokenXml => wrong::without_a_closing_tag(node.handle(request)),
        Fault::ByteOrderMark => wrong::with_byte_order_mark(node.handle(request)),
        Fault::IllFormed(flaw) => wrong::ill_formed(node.handle(request), *flaw),
        Fault::Status(status) => Reply { status: *status, ..node.handle(request) },
        Fault::Bulky(size) => wrong::bulky(node.handle(request), *size),
        Fault::Refusal(key, message) => wrong::refusal(key, message),
        Fault::GzipBomb(meetings) => wrong::gzip_bomb(*meetings),
        Fault::WrongSecret => node.handle_with_wrong_secret(request),
        Fault::NoLoad => Reply::html(404, "Not Found"),
        Fault::LoadGarbage => Reply::new(200, "text/plain", "load average: 0.42, 0.23\n"),
    };
    reply.write(&mut reader.stream, keep_alive, request.method != "HEAD").await?;
    Ok(keep_alive)
}

async fn drip(stream: &mut (impl AsyncWrite + Unpin), reply: &Reply, pause: Duration) -> io::Result<()> {
    let mut all = reply.head(Length::Known(reply.body.len()), false);
    all.extend_from_slice(&reply.body);
    for byte in all {
        stream.write_all(&[byte]).await?;
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

/// Sends until the connection ends.
async fn endless(stream: &mut (impl AsyncWrite + Unpin), call: &str) -> io::Result<bool> {
    let (reply, begin, more) = if call == "load" {
        (Reply::new(200, "text/plain", Bytes::new()), "1", "1")
    } else {
        let begin = "<response>\n<returncode>SUCCESS</returncode>\n<meetings>\n";
        (Reply::xml(Bytes::new()), begin, "<meeting>\n<meetingName>endless</meetingName>\n</meeting>\n")
    };
    stream.write_all(&reply.head(Length::Chunked, true)).await?;
    stream.write_all(&chunk(begin)).await?;
    let filler = chunk(&more.repeat((32 << 10) / more.len()));
    loop {
        stream.write_all(&filler).await?;
    }
}

fn chunk(data: &str) -> Vec<u8> {
    format!("{:x}\r\n{data}\r\n", data.len()).into_bytes()
}
