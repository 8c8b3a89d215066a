//! `proxy`: relays bytes between standard input and output and the daemon's socket

use std::io::ErrorKind;

use rpc_client::{BANNER, Exit, Failure, Target};
use tokio::io::{AsyncWriteExt as _, copy, stdin, stdout};

pub(super) async fn run(target: &Target) -> Result<(), Failure> {
    if let Target::Ssh(host) = target {
        return Err(Failure::usage(format!("proxy connects to a socket of this machine, not to {host}"))
            .hint("--connect unix:PATH names another socket"));
    }
    let (socket, _) = rpc_client::first_socket(target.sockets()).await?;
    let (mut from_daemon, mut to_daemon) = socket.into_split();
    let (mut input, mut output) = (stdin(), stdout());
    let banner = format!("{BANNER} {}\n", origin(std::env::var("SSH_CONNECTION").ok().as_deref()));
    over(output.write_all(banner.as_bytes()).await)?;
    over(output.flush().await)?;
    tokio::select! {
        sent = copy(&mut input, &mut to_daemon) => over(sent),
        received = copy(&mut from_daemon, &mut output) => {
            over(received)?;
            Err(Failure::new(Exit::Unreachable, "unreachable", "the daemon closed the connection"))
        }
    }
}

/// A peer that disconnects is the usual end, and not an error.
fn over<T>(result: std::io::Result<T>) -> Result<(), Failure> {
    match result {
        Err(error) if !matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
            Err(Failure::io("relay the connection", error))
        }
        _ => Ok(()),
    }
}

/// The address that the operator connects from: the first word of `SSH_CONNECTION`, or `-`.
fn origin(ssh_connection: Option<&str>) -> &str {
    let address = ssh_connection.and_then(|it| it.split_whitespace().next());
    address.filter(|it| it.chars().all(|c| c.is_ascii_graphic())).unwrap_or("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_one_plain_word() {
        assert_eq!(origin(Some("10.0.0.7 50123 10.0.0.1 22")), "10.0.0.7");
        assert_eq!(origin(Some("fe80::1%eth0 1 fe80::2 22")), "fe80::1%eth0");
        for nothing in [None, Some(""), Some(" "), Some("\x1b[2J x")] {
            assert_eq!(origin(nothing), "-");
        }
    }
}
