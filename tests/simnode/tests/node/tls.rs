//! Nodes that speak TLS.

use std::error::Error as _;

use simnode::{Authority, Certificate, Hash, Options, SimNode, Tls};

use crate::client::raw;

async fn node(authority: &Authority) -> SimNode {
    let tls = Tls::new(authority, "n1.localhost");
    SimNode::start(Options { tls: Some(tls), ..Options::default() }).await.unwrap()
}

/// Asks for the version, with a connection of its own; what went wrong.
async fn ask(node: &SimNode, host: &str, authority: &Authority) -> Result<String, String> {
    let trusted = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([trusted]).resolve(host, node.addr()).no_proxy();
    let url = format!("https://{host}:{}/bigbluebutton/api", node.port());
    match client.build().unwrap().get(url).send().await {
        Ok(answer) => Ok(answer.text().await.unwrap()),
        Err(error) => {
            let causes = std::iter::successors(error.source(), |&cause| cause.source());
            Err(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
        }
    }
}

#[tokio::test]
async fn certificates_good_and_bad() {
    let authority = Authority::new().unwrap();
    let node = node(&authority).await;
    assert!(node.api_url().starts_with("https://127.0.0.1:"));
    for host in ["n1.localhost", "localhost"] {
        assert!(ask(&node, host, &authority).await.unwrap().contains("<bbbVersion>"));
    }
    let bad = [
        (Certificate::Expired, "expired"),
        (Certificate::WrongName, "not valid for name"),
        (Certificate::UnknownIssuer, "UnknownIssuer"),
    ];
    for (kind, expected) in bad {
        node.renew_certificate(kind).unwrap();
        let error = ask(&node, "n1.localhost", &authority).await.unwrap_err();
        assert!(error.contains(expected), "{kind:?}: {error}");
    }
    node.renew_certificate(Certificate::Good).unwrap();
    assert!(ask(&node, "n1.localhost", &authority).await.is_ok());
    let other = Authority::new().unwrap();
    assert!(ask(&node, "n1.localhost", &other).await.unwrap_err().contains("UnknownIssuer"));
}

#[tokio::test]
async fn a_new_certificate_is_shown_after_a_restart_of_the_port() {
    let authority = Authority::new().unwrap();
    let node = node(&authority).await;
    let trusted = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([trusted]).no_proxy().build().unwrap();
    let asked = async || {
        let url = node.signed_url(Hash::Sha256, "getMeetings", "");
        client.get(url).send().await.map(|answer| answer.status().as_u16())
    };
    assert_eq!(asked().await.unwrap(), 200);
    node.renew_certificate(Certificate::Expired).unwrap();
    // The client may still have a connection that was opened under the old one.
    node.refuse().await;
    node.accept_again().await.unwrap();
    assert!(asked().await.is_err());
}

#[tokio::test]
async fn plain_http_is_answered_as_by_nginx() {
    let authority = Authority::new().unwrap();
    let node = node(&authority).await;
    let answer = raw(&node, b"GET /bigbluebutton/api HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    assert!(answer.contains("The plain HTTP request was sent to HTTPS port"));
    let folder = std::env::temp_dir().join(format!("simnode-{}.pem", node.port()));
    authority.write(&folder).unwrap();
    assert_eq!(std::fs::read_to_string(&folder).unwrap(), authority.pem());
    std::fs::remove_file(&folder).unwrap();
}
