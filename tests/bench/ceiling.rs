//! The ceiling: axum as it comes, a constant answer.

use std::process::Stdio;

use anyhow::{Context, ensure};
use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::any;
use bytes::Bytes;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

/// Serves `/constant`: status, the sizes of `location` and body in bytes.
pub(crate) async fn serve(args: &[String]) -> anyhow::Result<()> {
    let number = |n: usize| {
        args.get(n).and_then(|it| it.parse::<usize>().ok()).context("ceiling STATUS LOCATION BODY")
    };
    let (status, location, body) = (number(0)?, number(1)?, number(2)?);
    let status = StatusCode::from_u16(u16::try_from(status)?)?;
    let location = "x".repeat(location);
    let body = Bytes::from(vec![b'x'; body]);
    let answer = async move || {
        let mut response = Response::builder().status(status);
        response = match location.as_str() {
            "" => response.header("content-type", "text/xml; charset=utf-8"),
            url => response.header("location", url),
        };
        response.body(Body::from(body.clone())).expect("a constant answer")
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/{*any}", any(answer))).await?;
    Ok(())
}

/// Starts the ceiling as a process of its own; its address, and the process, which dies when dropped.
pub(crate) async fn start(status: u16, location: usize, body: usize) -> anyhow::Result<(String, Child)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["ceiling", &status.to_string(), &location.to_string(), &body.to_string()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let out = child.stdout.take().context("no stdout")?;
    let line = BufReader::new(out).lines().next_line().await?.unwrap_or_default();
    ensure!(!line.is_empty(), "the ceiling did not start");
    Ok((line, child))
}
