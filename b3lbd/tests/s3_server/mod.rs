//! A real S3 server, which `tests/replicas/install` gets.

#![allow(missing_docs, unreachable_pub, reason = "a test has no readers but its own")]

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An S3 server of this test alone.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub async fn start() -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/replicas/venv/bin/moto_server");
        assert!(program.exists(), "run tests/replicas/install first");
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, address };
        // It has no other sign of being ready.
        while TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let answer = put(address, "/classes").await;
        assert!(answer.contains(" 200 "), "{answer}");
        server
    }
}

/// Sends a PUT without a body, as a bucket is created.
async fn put(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request =
        format!("PUT {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
