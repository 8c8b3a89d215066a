//! A proxy in front of the S3 server, with faults that can be switched on and off.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What is wrong between a client and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Connections are closed at once.
    Away,
    /// Each request is answered with status 500.
    Errors,
    /// Each request waits this long.
    Slow(Duration),
    /// A PUT with a condition is passed on, and the connection closed in place of its answer.
    LosesAnswers,
    /// Renames the headers of conditions, as a store that does not know them.
    IgnoresConditions,
}

const CONDITIONS: [&[u8]; 2] = [b"if-none-match", b"if-match"];
const ERROR: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

pub struct Gate {
    pub address: SocketAddr,
    fault: watch::Sender<Fault>,
}

impl Gate {
    pub async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let fault = watch::Sender::new(Fault::None);
        let shared = fault.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                // A connection ends with its client or its server.
                tokio::spawn(pass_on(client, server, shared.subscribe()));
            }
        });
        Self { address, fault }
    }

    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

async fn pass_on(
    mut client: TcpStream,
    server: SocketAddr,
    mut fault: watch::Receiver<Fault>,
) -> std::io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    let (mut from_client, mut from_server) = (vec![0; 65_536], vec![0; 65_536]);
    let mut is_conditional = false;
    loop {
        if *fault.borrow_and_update() == Fault::Away {
            return Ok(());
        }
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(length @ 1..) = read else { return Ok(()) };
                let bytes = &mut from_client[..length];
                let is_put = bytes.starts_with(b"PUT");
                if is_put || bytes.starts_with(b"GET") {
                    is_conditional = is_put && CONDITIONS.iter().any(|name| position(bytes, name).is_some());
                }
                let now = *fault.borrow();
                match now {
                    Fault::Errors => return client.write_all(ERROR).await,
                    Fault::Slow(time) => {
                        // Until it is over.
                        let _ = tokio::time::timeout(time, fault.wait_for(|it| *it != now)).await;
                    }
                    Fault::IgnoresConditions => {
                        for name in CONDITIONS {
                            if let Some(at) = position(bytes, name) {
                                bytes[at] = b'x';
                            }
                        }
                    }
                    _ => {}
                }
                server.write_all(bytes).await?;
            }
            read = server.read(&mut from_server) => {
                let Ok(length @ 1..) = read else { return Ok(()) };
                if is_conditional && *fault.borrow() == Fault::LosesAnswers {
                    return Ok(());
                }
                client.write_all(&from_server[..length]).await?;
            }
            _ = fault.changed() => {}
        }
    }
}

fn position(bytes: &[u8], name: &[u8]) -> Option<usize> {
    bytes.windows(name.len()).position(|it| it.eq_ignore_ascii_case(name))
}
