//! Answering, or not, as a fault wants it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::Reply;
use super::reader::Reader;
use super::reply::Length;
use crate::fault::Fault;
use crate::record::Request;
use crate::shared::Shared;

/// Plays a fault on a request; whether the connection stays open.
pub(crate) async fn answer(
    reader: &mut Reader<TcpStream>,
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
        Fault::BrokenXml => {
            let reply = node.handle(request);
            let body = without_a_closing_tag(&reply.body);
            Reply { body, ..reply }
        }
        Fault::WrongSecret => node.handle_with_wrong_secret(request),
        Fault::NoLoad => Reply::html(404, "Not Found"),
        Fault::LoadGarbage => Reply::new(200, "text/plain", "load average: 0.42, 0.23\n"),
    };
    reply.write(&mut reader.stream, keep_alive, request.method != "HEAD").await?;
    Ok(keep_alive)
}

async fn drip(stream: &mut TcpStream, reply: &Reply, pause: Duration) -> io::Result<()> {
    let mut all = reply.head(Length::Known(reply.body.len()), false);
    all.extend_from_slice(&reply.body);
    for byte in all {
        stream.write_all(&[byte]).await?;
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

/// Sends for ever; ends only with the connection.
async fn endless(stream: &mut TcpStream, call: &str) -> io::Result<bool> {
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

/// Leaves out the closing tag next after the middle, or the last one before it.
fn without_a_closing_tag(body: &[u8]) -> Bytes {
    let starts = |at: &usize| body[*at..].starts_with(b"</");
    let middle = body.len() / 2;
    let found = (middle..body.len()).find(starts).or_else(|| (0..middle).rev().find(starts));
    let Some(start) = found else { return Bytes::copy_from_slice(body) };
    let end = body[start..].iter().position(|&byte| byte == b'>').map_or(body.len(), |at| start + at + 1);
    [&body[..start], &body[end..]].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_closing_tag_is_missing() {
        assert_eq!(without_a_closing_tag(b"<a><b>1</b><b>2</b></a>"), "<a><b>1</b><b>2</a>");
        assert_eq!(without_a_closing_tag(b"<a>1</a>......................"), "<a>1......................");
        assert_eq!(without_a_closing_tag(b"42"), "42");
    }
}
