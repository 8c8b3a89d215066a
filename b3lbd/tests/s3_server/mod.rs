//! A real S3 server, which `tests/replicas/install` gets.

#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test has no readers but its own, and uses what it needs"
)]

pub mod gate;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const KEYS: &str = "authorization: AWS4-HMAC-SHA256 Credential=for-tests/20261127/us-east-1/s3/aws4_request, \
                    SignedHeaders=host, Signature=0\r\n";

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
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/replicas");
        let program = folder.join("venv/bin/python");
        assert!(program.exists(), "run tests/replicas/install first");
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let child = Command::new(program)
            .arg(folder.join("s3_server.py"))
            .arg(address.port().to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, address };
        // It has no other sign of being ready.
        while TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let answer = ask(address, "PUT", "/classes").await;
        assert!(answer.contains(" 200 "), "{answer}");
        server
    }

    /// The names of the files that begin so, in their order.
    pub async fn files(&self, beginning: &str) -> Vec<String> {
        let answer = ask(self.address, "GET", &format!("/classes?list-type=2&prefix={beginning}")).await;
        assert!(answer.contains("<IsTruncated>false</IsTruncated>"), "{answer}");
        let names = answer.split("<Key>").skip(1).filter_map(|it| it.split_once("</Key>"));
        names.map(|(name, _)| name.to_owned()).collect()
    }

    /// Deletes a file.
    pub async fn delete(&self, name: &str) {
        let answer = ask(self.address, "DELETE", &format!("/classes/{name}")).await;
        assert!(answer.contains(" 204 "), "{answer}");
    }
}

/// Sends a request without a body, and returns the whole answer. The server looks at the keys, but believes everybody.
async fn ask(address: SocketAddr, method: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 0\r\nconnection: close\r\n{KEYS}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
